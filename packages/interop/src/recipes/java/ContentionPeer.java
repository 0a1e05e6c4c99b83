import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.CreateMode;

/**
 * Contends by Curator's recipes until it is killed, and writes into a log when it is in: in one transaction with a check that
 * what it is in by is there. Arguments: the servers, its name.
 */
public class ContentionPeer {
    private static final int WAIT_S = 10;
    private static CuratorFramework zk;
    private static String name;

    private static final class Mutex extends InterProcessMutex {
        Mutex(String path) {
            super(zk, path);
        }

        String path() {
            return getLockPath();
        }
    }

    public static void main(String[] args) throws Exception {
        name = args[1];
        zk = CuratorFrameworkFactory.newClient(args[0], 3000, 3000, new RetryNTimes(5, 100));
        zk.start();
        for (int number = 0; ; number++) {
            for (String recipe : new String[] {"mutex", "readwrite", "semaphore", "leader"}) {
                try {
                    turn(recipe, number);
                } catch (Exception e) {
                    System.out.println(recipe + " " + e);
                    Thread.sleep(50);
                }
            }
        }
    }

    private static void turn(String recipe, int number) throws Exception {
        String path = "/contention/" + recipe;
        switch (recipe) {
            case "mutex" -> {
                Mutex mutex = new Mutex(path);
                if (!mutex.acquire(WAIT_S, TimeUnit.SECONDS)) return;
                try {
                    enter(recipe, "write", mutex.path());
                } finally {
                    mutex.release();
                }
            }
            case "readwrite" -> {
                InterProcessReadWriteLock both = new InterProcessReadWriteLock(zk, path);
                if (number % 2 == 0) {
                    InterProcessReadWriteLock.WriteLock lock = both.writeLock();
                    if (!lock.acquire(WAIT_S, TimeUnit.SECONDS)) return;
                    try {
                        enter(recipe, "write", lock.getLockPath());
                    } finally {
                        lock.release();
                    }
                } else {
                    InterProcessReadWriteLock.ReadLock lock = both.readLock();
                    if (!lock.acquire(WAIT_S, TimeUnit.SECONDS)) return;
                    try {
                        enter(recipe, "read", lock.getLockPath());
                    } finally {
                        lock.release();
                    }
                }
            }
            case "semaphore" -> {
                InterProcessSemaphoreV2 semaphore = new InterProcessSemaphoreV2(zk, path, 2);
                Lease lease = semaphore.acquire(WAIT_S, TimeUnit.SECONDS);
                if (lease == null) return;
                try {
                    enter(recipe, "lease", path + "/leases/" + lease.getNodeName());
                } finally {
                    semaphore.returnLease(lease);
                }
            }
            default -> {
                try (LeaderLatch latch = new LeaderLatch(zk, path, name)) {
                    latch.start();
                    if (latch.await(WAIT_S, TimeUnit.SECONDS)) enter(recipe, "write", latch.getOurPath());
                }
            }
        }
    }

    private static void enter(String recipe, String kind, String path) throws Exception {
        long token = zk.checkExists().forPath(path).getCzxid();
        byte[] data = (name + " " + kind + " " + token).getBytes(StandardCharsets.UTF_8);
        zk.transaction().forOperations(
            zk.transactionOp().check().forPath(path),
            zk.transactionOp().create().withMode(CreateMode.PERSISTENT_SEQUENTIAL).forPath("/log/" + recipe + "/e-", data));
    }
}
