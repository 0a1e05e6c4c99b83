package org.apache.zookeeper.common;

import java.util.Date;

/** Stands in front of Apache's class of this name, so that the recorders can set the clock. */
public class Time {
    public static long now;

    public static long currentElapsedTime() {
        return now;
    }

    public static long currentWallTime() {
        return now;
    }

    public static Date elapsedTimeToDate(long elapsedTime) {
        return new Date(elapsedTime);
    }
}
