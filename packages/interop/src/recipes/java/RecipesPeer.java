import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.locks.InterProcessReadWriteLock;
import org.apache.curator.framework.recipes.locks.InterProcessSemaphoreV2;
import org.apache.curator.framework.recipes.locks.Lease;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.CreateMode;

/**
 * Contends by Curator's recipes for what others contend for, too, and writes into a log when it is in and when it is out.
 * Arguments: the server's address, how many times each worker is to have its turn, and how many workers there are in all.
 */
public class RecipesPeer extends Thread {
    static String address;
    static int rounds;
    static int members;

    private final String name;
    private final CuratorFramework zk;

    RecipesPeer(int number) throws Exception {
        name = "curator-" + number;
        zk = CuratorFrameworkFactory.newClient(address, 10_000, 15_000, new RetryNTimes(5, 100));
        zk.start();
        zk.blockUntilConnected(15, TimeUnit.SECONDS);
    }

    public static void main(String[] args) throws Exception {
        address = args[0];
        rounds = Integer.parseInt(args[1]);
        members = Integer.parseInt(args[2]);
        RecipesPeer[] workers = {new RecipesPeer(0), new RecipesPeer(1)};
        for (RecipesPeer worker : workers) worker.start();
        for (RecipesPeer worker : workers) worker.join();
        System.out.println("done");
        System.exit(0);
    }

    @Override
    public void run() {
        try {
            for (String recipe : new String[] {"mutex", "readwrite", "semaphore", "leader", "counter"}) {
                DistributedDoubleBarrier barrier = new DistributedDoubleBarrier(zk, "/barriers/" + recipe, members);
                barrier.enter();
                for (int round = 0; round < rounds; round++) turn(recipe, round);
                barrier.leave();
            }
            zk.close();
        } catch (Throwable e) {
            System.out.println("FAIL " + name + ": " + e);
            e.printStackTrace(System.out);
        }
    }

    private void turn(String recipe, int round) throws Exception {
        switch (recipe) {
            case "mutex" -> {
                InterProcessMutex mutex = new InterProcessMutex(zk, "/recipes/mutex");
                mutex.acquire();
                inside(recipe, "one", czxid(mutex.getParticipantNodes().iterator().next()));
                mutex.release();
            }
            case "readwrite" -> {
                InterProcessReadWriteLock lock = new InterProcessReadWriteLock(zk, "/recipes/readwrite");
                if (round % 2 == 0) {
                    lock.writeLock().acquire();
                    log(recipe, "enter", "write", czxid(lock.writeLock().getLockPath()));
                    zk.sync().forPath("/");
                    if (round % 4 == 0) {
                        lock.readLock().acquire();
                        log(recipe, "leave", "write", 0);
                        log(recipe, "enter", "read", 0);
                        lock.writeLock().release();
                        log(recipe, "leave", "read", 0);
                        lock.readLock().release();
                    } else {
                        log(recipe, "leave", "write", 0);
                        lock.writeLock().release();
                    }
                } else {
                    lock.readLock().acquire();
                    inside(recipe, "read", 0);
                    lock.readLock().release();
                }
            }
            case "semaphore" -> {
                InterProcessSemaphoreV2 semaphore = new InterProcessSemaphoreV2(zk, "/recipes/semaphore", 2);
                Lease lease = semaphore.acquire();
                inside(recipe, "lease", 0);
                semaphore.returnLease(lease);
            }
            case "leader" -> {
                LeaderLatch latch = new LeaderLatch(zk, "/recipes/leader", name);
                latch.start();
                latch.await();
                inside(recipe, "one", czxid(latch.getOurPath()));
                latch.close();
            }
            case "counter" -> {
                DistributedAtomicLong counter = new DistributedAtomicLong(zk, "/recipes/counter", new RetryNTimes(1000, 2));
                if (!counter.increment().succeeded()) throw new IllegalStateException("the counter was not incremented");
            }
            default -> throw new IllegalArgumentException(recipe);
        }
    }

    private long czxid(String path) throws Exception {
        return zk.checkExists().forPath(path).getCzxid();
    }

    private void inside(String recipe, String kind, long token) throws Exception {
        log(recipe, "enter", kind, token);
        zk.sync().forPath("/");
        log(recipe, "leave", kind, token);
    }

    private void log(String recipe, String what, String kind, long token) throws Exception {
        byte[] data = (what + " " + name + " " + kind + " " + token).getBytes(StandardCharsets.UTF_8);
        zk.create().creatingParentsIfNeeded().withMode(CreateMode.PERSISTENT_SEQUENTIAL).forPath("/log/" + recipe + "/e-", data);
    }
}
