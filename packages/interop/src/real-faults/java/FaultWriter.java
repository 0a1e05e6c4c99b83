import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** Apache's client, which writes for so many seconds, and says of each write when it was asked, and what came of it. */
public class FaultWriter {
    private static double nowMs() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1000.0 + now.getNano() / 1e6;
    }

    public static void main(String[] args) throws Exception {
        String who = args[0];
        double until = nowMs() + Double.parseDouble(args[2]) * 1000;
        ZooKeeper zk = new ZooKeeper(args[1], 4000, event -> { });
        String written = null;
        for (int number = 1; nowMs() < until; number++) {
            String data = who + "." + number;
            boolean creates = written == null || number % 3 == 0;
            String path = creates ? "/" + who + "-" + number : written;
            double asked = nowMs();
            String answered = "null";
            String stat = "null";
            long session = zk.getSessionId();
            try {
                byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
                if (creates) {
                    zk.create(path, bytes, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
                    written = path;
                } else {
                    stat = tell(zk.setData(path, bytes, -1));
                }
                answered = String.valueOf(nowMs());
            } catch (KeeperException e) {
                if (e.code() == KeeperException.Code.SESSIONEXPIRED) {
                    zk.close();
                    zk = new ZooKeeper(args[1], 4000, event -> { });
                }
            }
            if (session == 0) session = zk.getSessionId();
            System.out.printf(
                "{\"kind\":\"%s\",\"path\":\"%s\",\"data\":\"%s\",\"asked\":%s,\"answered\":%s,\"stat\":%s,\"session\":\"%d\"}%n",
                creates ? "create" : "setData", path, data, asked, answered, stat, session);
            Thread.sleep(5);
        }
        zk.close();
    }

    private static String tell(Stat s) {
        long[] numbers = {
            s.getCzxid(), s.getMzxid(), s.getCtime(), s.getMtime(), s.getVersion(), s.getCversion(), s.getAversion(),
            s.getEphemeralOwner(), s.getDataLength(), s.getNumChildren(), s.getPzxid(),
        };
        return java.util.Arrays.toString(numbers);
    }
}
