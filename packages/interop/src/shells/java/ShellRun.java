package org.apache.zookeeper;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.zookeeper.util.ServiceUtils;

/**
 * Apache's shell, told line by line what to do: after each, both streams have a line with a mark and the exit code.
 * Arguments: the options of zkCli, -server among them.
 */
public class ShellRun {

    public static void main(String[] args) throws Exception {
        ServiceUtils.setSystemExitProcedure(code -> { });
        ZooKeeperMain shell = new ZooKeeperMain(args);
        mark(shell.exitCode);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            try {
                shell.executeLine(line);
                mark(shell.exitCode);
            } catch (RuntimeException e) {
                // It would have ended the shell.
                System.err.println("ended by " + e);
                shell.commandCount++;
                mark(-1);
            }
        }
        System.exit(0);
    }

    private static void mark(int exitCode) {
        for (java.io.PrintStream stream : new java.io.PrintStream[] {System.out, System.err}) {
            stream.println("@@ exit code " + exitCode);
            stream.flush();
        }
    }
}
