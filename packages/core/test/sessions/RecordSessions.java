import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.zookeeper.common.Time;
import org.apache.zookeeper.server.ExpiryQueue;
import org.apache.zookeeper.server.SessionTrackerImpl;

/**
 * Records what Apache's ExpiryQueue does under a random script, and the first session ids of SessionTrackerImpl. The clock
 * is Time.java of this folder, which must stand in front of the jars of Apache ZooKeeper 3.9.5 on the class path. The
 * argument is the file to write, sessions.recording.
 */
public class RecordSessions {
    public static void main(String[] arguments) throws Exception {
        Random random = new Random(11);
        List<Object> ids = new ArrayList<>();
        long[] times = {0, 1, 1_000_000, 1_721_234_567_890L, (1L << 40) - 1, 1L << 40, (1L << 40) + 12345, 109951162777600L};
        for (long time : times) {
            for (long server : new long[] {0, 1, 2, 127, 128, 254, 255}) {
                Time.now = time;
                ids.add(Arrays.asList(server, time, String.valueOf(SessionTrackerImpl.initializeNextSessionId(server))));
            }
        }
        List<Object> runs = new ArrayList<>();
        for (int interval : new int[] {1, 7, 100, 2000}) {
            Time.now = random.nextInt(10_000);
            long start = Time.now;
            ExpiryQueue<Integer> queue = new ExpiryQueue<>(interval);
            List<Object> steps = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Time.now += random.nextInt(interval);
                int element = random.nextInt(12);
                // Java polls one bucket at a time, as often as there is one.
                TreeSet<Integer> expired = new TreeSet<>();
                while (queue.getWaitTime() == 0) {
                    expired.addAll(queue.poll());
                    for (Integer e : expired) {
                        queue.remove(e);
                    }
                }
                Object result;
                int timeout = random.nextInt(interval * 6);
                boolean update = random.nextInt(6) != 0;
                if (update) {
                    result = queue.update(element, timeout) != null;
                } else {
                    queue.remove(element);
                    result = null;
                }
                Map<String, Object> buckets = new LinkedHashMap<>();
                for (Map.Entry<Long, Set<Integer>> bucket : new java.util.TreeMap<>(queue.getExpiryMap()).entrySet()) {
                    buckets.put(String.valueOf(bucket.getKey()), new TreeSet<>(bucket.getValue()));
                }
                steps.add(Arrays.asList(Time.now, expired, update ? "update" : "remove", element, timeout, result, buckets, queue.getWaitTime()));
            }
            runs.add(Arrays.asList(interval, start, steps));
        }
        Map<String, Object> record = new LinkedHashMap<>();
        record.put("firstIds", ids);
        record.put("expiry", runs);
        Files.writeString(Path.of(arguments[0]), new ObjectMapper().writeValueAsString(record).replace("],[", "],\n[") + "\n");
    }
}
