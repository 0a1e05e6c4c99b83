import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;

/** Apache's client, coming anew all the time beside one that stays, until there is no more input; then once more. */
public class RenewalClient {
    private static volatile boolean ending = false;

    public static void main(String[] args) throws Exception {
        ZooKeeper staying = connect(args[0]);
        Thread input = new Thread(RenewalClient::awaitEnd);
        input.setDaemon(true);
        input.start();
        int round = 0;
        for (boolean last = false; !last; round++) {
            last = ending;
            ZooKeeper zk = connect(args[0]);
            zk.create("/java-" + round, new byte[10], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            staying.getData("/java-" + round, false, null);
            zk.close();
            if (round == 0) System.out.println("working");
        }
        staying.close();
        System.out.println("done " + round);
    }

    private static ZooKeeper connect(String address) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper zk = new ZooKeeper(address, 10_000, event -> {
            if (event.getState() == KeeperState.SyncConnected) connected.countDown();
            else if (event.getState() != KeeperState.Closed) System.out.println("lost: " + event.getState());
        });
        connected.await();
        return zk;
    }

    private static void awaitEnd() {
        try {
            while (System.in.read() != -1) { }
        } catch (java.io.IOException e) {
            System.out.println("lost: " + e);
        }
        ending = true;
    }
}
