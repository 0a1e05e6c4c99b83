import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;

/** Apache's client, coming anew all the time beside one that stays, until there is no more input; then once more. */
public class RenewalClient {
    private static volatile boolean ending = false;

    public static void main(String[] args) throws Exception {
        AtomicBoolean leaving = new AtomicBoolean();
        ZooKeeper staying = connect(args[0], leaving);
        Thread input = new Thread(RenewalClient::awaitEnd);
        input.setDaemon(true);
        input.start();
        int round = 0;
        for (boolean last = false; !last; round++) {
            last = ending;
            AtomicBoolean gone = new AtomicBoolean();
            ZooKeeper zk = connect(args[0], gone);
            zk.create("/java-" + round, new byte[10], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            staying.getData("/java-" + round, false, null);
            gone.set(true);
            zk.close();
            if (round == 0) System.out.println("working");
        }
        leaving.set(true);
        staying.close();
        System.out.println("done " + round);
    }

    /** @param closing a client that closes its session may hear that the server has closed the connection: nothing is lost */
    private static ZooKeeper connect(String address, AtomicBoolean closing) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper zk = new ZooKeeper(address, 10_000, event -> {
            if (event.getState() == KeeperState.SyncConnected) connected.countDown();
            else if (event.getState() != KeeperState.Closed && !closing.get()) System.out.println("lost: " + event.getState());
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
