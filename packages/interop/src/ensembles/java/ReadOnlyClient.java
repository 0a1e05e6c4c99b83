import java.io.BufferedReader;
import java.io.InputStreamReader;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;

/** Apache's client, content with a server that only answers reads: each line of its input is something to do. */
public class ReadOnlyClient {
    public static void main(String[] args) throws Exception {
        ZooKeeper zk = new ZooKeeper(args[0], 10_000, event -> { }, true);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            System.out.println(answer(zk, words[0], words.length > 1 ? words[1] : ""));
        }
        zk.close();
    }

    private static String answer(ZooKeeper zk, String word, String path) {
        try {
            switch (word) {
                case "state":
                    String state = zk.getState().toString();
                    return state.equals("CONNECTED") ? "read-write" : state.equals("CONNECTEDREADONLY") ? "read-only" : "none";
                case "exists":
                    return zk.exists(path, false) == null ? "no" : "yes";
                default:
                    zk.create(path, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
                    return "ok";
            }
        } catch (KeeperException.NotReadOnlyException e) {
            return "refused";
        } catch (Exception e) {
            return e.getClass().getSimpleName();
        }
    }
}
