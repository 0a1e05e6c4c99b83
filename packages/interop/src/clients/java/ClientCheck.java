import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.StatsTrack;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.cli.SetQuotaCommand;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.ClientInfo;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;

/**
 * What Apache's Java client can do, checked one thing at a time.
 *
 * <p>Arguments: the server's address, the address of a proxy to it, and the port at which the proxy takes orders
 * ({@code drop}, {@code refuse}, {@code accept}). Prints {@code ok NAME} or {@code FAIL NAME why} for each check.
 */
public final class ClientCheck {

    private static final int TIMEOUT = 10_000;

    interface Body {
        void run() throws Exception;
    }

    private static String server;
    private static String proxy;
    private static int control;
    private static ZooKeeper zk;
    private static Events events;
    private static int failed;

    /** A watcher that keeps what it is told. */
    static final class Events implements Watcher {
        final BlockingQueue<WatchedEvent> queue = new LinkedBlockingQueue<>();
        final CountDownLatch connected = new CountDownLatch(1);

        @Override
        public void process(WatchedEvent event) {
            if (event.getState() == KeeperState.SyncConnected) connected.countDown();
            queue.add(event);
        }

        /** Waits for the next event about a znode and holds it to what it should be. */
        WatchedEvent expect(EventType type, String path) throws Exception {
            WatchedEvent event = next();
            require(event != null, "no event, expected " + type + " " + path);
            require(event.getType() == type && event.getPath().equals(path), "got " + event + ", expected " + type + " " + path);
            return event;
        }

        WatchedEvent next() throws Exception {
            for (;;) {
                WatchedEvent event = queue.poll(60, TimeUnit.SECONDS);
                if (event == null || event.getType() != EventType.None) return event;
            }
        }

        void expectState(KeeperState state) throws Exception {
            for (;;) {
                WatchedEvent event = queue.poll(60, TimeUnit.SECONDS);
                require(event != null, "the session never became " + state);
                if (event.getType() == EventType.None && event.getState() == state) return;
            }
        }

        /** Nothing about a znode has come: asked once a later request has been answered. */
        void expectNothing() throws Exception {
            zk.sync("/", (rc, path, ctx) -> { }, null);
            zk.exists("/", false);
            for (WatchedEvent event : queue) require(event.getType() == EventType.None, "did not expect " + event);
        }
    }

    static void require(boolean condition, String otherwise) {
        if (!condition) throw new AssertionError(otherwise);
    }

    static void same(Object got, Object expected) {
        require(expected.equals(got), "got " + got + ", expected " + expected);
    }

    static void fails(Code code, Body body) throws Exception {
        try {
            body.run();
        } catch (KeeperException e) {
            same(e.code(), code);
            return;
        }
        throw new AssertionError("should have failed with " + code);
    }

    static void check(String name, Body body) {
        try {
            body.run();
            System.out.println("ok " + name);
        } catch (Throwable e) {
            failed++;
            StackTraceElement[] trace = Arrays.stream(e.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith("ClientCheck")).toArray(StackTraceElement[]::new);
            String at = trace.length == 0 ? "" : " at line " + trace[trace.length - 1].getLineNumber() + "/" + trace[0].getLineNumber();
            System.out.println("FAIL " + name + " " + e + at);
        }
    }

    static ZooKeeper connect(String address, Events to) throws Exception {
        ZooKeeper client = new ZooKeeper(address, TIMEOUT, to);
        require(to.connected.await(60, TimeUnit.SECONDS), "no connection");
        return client;
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static String create(String path, CreateMode mode) throws Exception {
        return zk.create(path, bytes("data of " + path), Ids.OPEN_ACL_UNSAFE, mode);
    }

    static void tellProxy(String order) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", control)) {
            socket.getOutputStream().write((order + "\n").getBytes(UTF_8));
            socket.getInputStream().read();
        }
    }

    static void until(String what, java.util.concurrent.Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!condition.call()) {
            require(System.nanoTime() < end, "waited in vain until " + what);
            Thread.sleep(20);
        }
    }

    public static void main(String[] args) throws Exception {
        server = args[0];
        proxy = args[1];
        control = Integer.parseInt(args[2]);
        events = new Events();
        zk = connect(server, events);
        session();
        znodes();
        modes();
        acls();
        multis();
        asynchronous();
        watches();
        persistentWatches();
        sessionsThatMove();
        reconnection();
        administration();
        zk.close();
        System.out.flush();
        System.exit(failed == 0 ? 0 : 1);
    }

    static void session() {
        check("session", () -> {
            require(zk.getState() == ZooKeeper.States.CONNECTED, "is " + zk.getState());
            require(zk.getSessionId() != 0, "no session id");
            same(zk.getSessionPasswd().length, 16);
            same(zk.getSessionTimeout(), TIMEOUT);
        });
        check("session-timeout-clamped", () -> {
            Events own = new Events();
            ZooKeeper client = new ZooKeeper(server, 600_000, own);
            require(own.connected.await(60, TimeUnit.SECONDS), "no connection");
            same(client.getSessionTimeout(), TIMEOUT);
            client.close();
        });
    }

    static void znodes() {
        check("create-and-read", () -> {
            Stat created = new Stat();
            same(zk.create("/java", bytes("one"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT, created), "/java");
            Stat read = new Stat();
            same(new String(zk.getData("/java", false, read), UTF_8), "one");
            same(read, created);
            same(read.getVersion(), 0);
            same(read.getDataLength(), 3);
            same(read.getCzxid(), read.getMzxid());
            same(read.getCtime(), read.getMtime());
            require(Math.abs(System.currentTimeMillis() - read.getCtime()) < 60_000, "made at " + read.getCtime());
        });
        check("exists", () -> {
            require(zk.exists("/java", false) != null, "is not there");
            require(zk.exists("/java/none", false) == null, "is there");
        });
        check("create-twice", () -> fails(Code.NODEEXISTS, () -> create("/java", CreateMode.PERSISTENT)));
        check("create-below-nothing", () -> fails(Code.NONODE, () -> create("/java/none/child", CreateMode.PERSISTENT)));
        check("set-data", () -> {
            Stat stat = zk.setData("/java", bytes("two"), 0);
            same(stat.getVersion(), 1);
            fails(Code.BADVERSION, () -> zk.setData("/java", bytes("three"), 0));
            same(zk.setData("/java", bytes("three"), -1).getVersion(), 2);
            fails(Code.NONODE, () -> zk.setData("/java/none", bytes("x"), -1));
            same(new String(zk.getData("/java", false, null), UTF_8), "three");
        });
        check("null-and-empty-data", () -> {
            zk.setData("/java", null, -1);
            require(zk.getData("/java", false, null) == null, "null data became something");
            zk.setData("/java", new byte[0], -1);
            same(zk.getData("/java", false, null).length, 0);
        });
        check("large-data", () -> {
            byte[] large = new byte[1_000_000];
            for (int i = 0; i < large.length; i++) large[i] = (byte) (i * 31);
            zk.setData("/java", large, -1);
            require(Arrays.equals(large, zk.getData("/java", false, null)), "large data changed");
            zk.setData("/java", bytes("small"), -1);
        });
        check("too-large-data", () -> {
            Events own = new Events();
            ZooKeeper client = connect(server, own);
            fails(Code.CONNECTIONLOSS, () -> client.create("/java/too-large", new byte[1_048_576], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
            client.close();
        });
        check("unicode", () -> {
            String path = "/java/Grüße-世界";
            create(path, CreateMode.PERSISTENT);
            same(new String(zk.getData(path, false, null), UTF_8), "data of " + path);
            same(zk.getChildren("/java", false), List.of("Grüße-世界"));
            zk.delete(path, -1);
        });
        check("children", () -> {
            for (String name : List.of("b", "a", "c")) create("/java/" + name, CreateMode.PERSISTENT);
            Stat stat = new Stat();
            List<String> names = zk.getChildren("/java", false, stat);
            Collections.sort(names);
            same(names, List.of("a", "b", "c"));
            same(stat.getNumChildren(), 3);
            same(zk.getAllChildrenNumber("/java"), 3);
            fails(Code.NONODE, () -> zk.getChildren("/java/none", false));
        });
        check("many-children", () -> {
            create("/java/many", CreateMode.PERSISTENT);
            CountDownLatch left = new CountDownLatch(2000);
            for (int i = 0; i < 2000; i++) {
                zk.create("/java/many/child-with-a-rather-long-name-" + i, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT,
                    (rc, path, ctx, name) -> left.countDown(), null);
            }
            require(left.await(60, TimeUnit.SECONDS), left.getCount() + " creates unanswered");
            same(zk.getChildren("/java/many", false).size(), 2000);
            same(zk.getAllChildrenNumber("/java/many"), 2000);
        });
        check("delete", () -> {
            fails(Code.NOTEMPTY, () -> zk.delete("/java", -1));
            fails(Code.BADVERSION, () -> zk.delete("/java/a", 7));
            zk.delete("/java/a", 0);
            fails(Code.NONODE, () -> zk.delete("/java/a", -1));
        });
        check("reserved", () -> {
            require(zk.getChildren("/", false).contains("zookeeper"), "no /zookeeper");
            fails(Code.BADARGUMENTS, () -> zk.delete("/zookeeper", -1));
            fails(Code.BADARGUMENTS, () -> zk.delete("/zookeeper/config", -1));
        });
    }

    static void modes() {
        check("sequential", () -> {
            create("/seq", CreateMode.PERSISTENT);
            same(create("/seq/n-", CreateMode.PERSISTENT_SEQUENTIAL), "/seq/n-0000000000");
            same(create("/seq/n-", CreateMode.EPHEMERAL_SEQUENTIAL), "/seq/n-0000000001");
            same(create("/seq/", CreateMode.PERSISTENT_SEQUENTIAL), "/seq/0000000002");
            zk.delete("/seq/0000000002", -1);
            same(create("/seq/m-", CreateMode.PERSISTENT_SEQUENTIAL), "/seq/m-0000000003");
        });
        check("ephemeral", () -> {
            create("/eph", CreateMode.EPHEMERAL);
            same(zk.exists("/eph", false).getEphemeralOwner(), zk.getSessionId());
            fails(Code.NOCHILDRENFOREPHEMERALS, () -> create("/eph/child", CreateMode.PERSISTENT));
        });
        check("get-ephemerals", () -> {
            List<String> all = zk.getEphemerals();
            Collections.sort(all);
            same(all, List.of("/eph", "/seq/n-0000000001"));
            same(zk.getEphemerals("/seq"), List.of("/seq/n-0000000001"));
        });
        check("ephemeral-goes-with-its-session", () -> {
            ZooKeeper other = connect(server, new Events());
            other.create("/eph-other", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
            require(zk.exists("/eph-other", events) != null, "not made");
            other.close();
            events.expect(EventType.NodeDeleted, "/eph-other");
        });
        check("container", () -> {
            create("/container", CreateMode.CONTAINER);
            same(zk.exists("/container", false).getEphemeralOwner(), 0L);
            create("/container/child", CreateMode.PERSISTENT);
            zk.delete("/container/child", -1);
            until("the container is gone", () -> zk.exists("/container", false) == null);
        });
        check("ttl", () -> {
            Stat stat = new Stat();
            zk.create("/ttl", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, stat, 400);
            same(stat.getEphemeralOwner(), 0L);
            String name = zk.create("/ttl-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, stat, 400);
            require(name.matches("/ttl-\\d{10}"), "named " + name);
            until("both are gone", () -> zk.exists("/ttl", false) == null && zk.exists(name, false) == null);
        });
    }

    static void acls() {
        String bobsId;
        try {
            bobsId = DigestAuthenticationProvider.generateDigest("bob:secret");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        Id bob = new Id("digest", bobsId);
        check("acl-default", () -> {
            Stat stat = new Stat();
            same(zk.getACL("/java", stat), Ids.OPEN_ACL_UNSAFE);
            same(stat.getAversion(), 0);
        });
        check("acl-set", () -> {
            create("/acl", CreateMode.PERSISTENT);
            List<ACL> acl = Arrays.asList(new ACL(Perms.ALL, bob), new ACL(Perms.ADMIN, Ids.ANYONE_ID_UNSAFE));
            same(zk.setACL("/acl", acl, 0).getAversion(), 1);
            fails(Code.BADVERSION, () -> zk.setACL("/acl", acl, 0));
            fails(Code.INVALIDACL, () -> zk.setACL("/acl", Arrays.asList(new ACL(Perms.ALL, new Id("no-such-scheme", "x"))), -1));
            fails(Code.INVALIDACL, () -> zk.create("/acl-auth", null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT));
        });
        check("acl-refuses", () -> {
            fails(Code.NOAUTH, () -> zk.getData("/acl", false, null));
            fails(Code.NOAUTH, () -> zk.setData("/acl", null, -1));
            fails(Code.NOAUTH, () -> zk.getChildren("/acl", false));
            fails(Code.NOAUTH, () -> zk.exists("/acl", false));
            fails(Code.NOAUTH, () -> create("/acl/child", CreateMode.PERSISTENT));
            require(zk.getACL("/acl", null).size() == 2, "an administrator sees the list");
        });
        check("acl-digest", () -> {
            ZooKeeper other = connect(server, new Events());
            other.addAuthInfo("digest", bytes("bob:secret"));
            same(new String(other.getData("/acl", false, null), UTF_8), "data of /acl");
            other.create("/acl/child", null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
            same(other.getACL("/acl/child", null), Arrays.asList(new ACL(Perms.ALL, bob)));
            other.close();
        });
        check("acl-wrong-password", () -> {
            ZooKeeper other = connect(server, new Events());
            other.addAuthInfo("digest", bytes("bob:wrong"));
            fails(Code.NOAUTH, () -> other.getData("/acl", false, null));
            other.close();
        });
        check("acl-hides-digests", () -> {
            zk.setACL("/acl", Arrays.asList(new ACL(Perms.READ, Ids.ANYONE_ID_UNSAFE), new ACL(Perms.ALL, bob)), -1);
            same(zk.getACL("/acl", null).get(1).getId().getId(), "bob:x");
            fails(Code.NOAUTH, () -> zk.setACL("/acl", Ids.OPEN_ACL_UNSAFE, -1));
        });
        check("acl-ip", () -> {
            zk.create("/acl-ip", null, Arrays.asList(new ACL(Perms.ALL, new Id("ip", "127.0.0.0/8"))), CreateMode.PERSISTENT);
            zk.setData("/acl-ip", bytes("mine"), -1);
            zk.create("/acl-elsewhere", null, Arrays.asList(new ACL(Perms.ALL, new Id("ip", "10.1.2.3"))), CreateMode.PERSISTENT);
            fails(Code.NOAUTH, () -> zk.getData("/acl-elsewhere", false, null));
        });
        check("auth-unknown-scheme", () -> {
            Events own = new Events();
            ZooKeeper other = connect(server, own);
            other.addAuthInfo("no-such-scheme", bytes("x"));
            own.expectState(KeeperState.AuthFailed);
            fails(Code.AUTHFAILED, () -> other.getData("/", false, null));
            other.close();
        });
        check("super-user", () -> {
            ZooKeeper other = connect(server, new Events());
            other.addAuthInfo("digest", bytes("super:secret"));
            other.getData("/acl-elsewhere", false, null);
            other.delete("/acl/child", -1);
            other.close();
        });
        check("who-am-i", () -> {
            ZooKeeper other = connect(server, new Events());
            other.addAuthInfo("digest", bytes("bob:secret"));
            List<String> ids = new ArrayList<>();
            for (ClientInfo info : other.whoAmI()) ids.add(info.getAuthScheme() + ":" + info.getUser());
            Collections.sort(ids);
            same(ids, List.of("digest:bob", "ip:127.0.0.1"));
            other.close();
        });
    }

    static void multis() {
        check("multi", () -> {
            List<OpResult> results = zk.multi(List.of(
                Op.create("/multi", bytes("1"), Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
                Op.create("/multi/n-", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL),
                Op.check("/multi", 0),
                Op.setData("/multi", bytes("2"), 0),
                Op.delete("/multi/n-0000000000", 0),
                Op.create("/multi/c", null, Ids.OPEN_ACL_UNSAFE, CreateMode.CONTAINER),
                Op.create("/multi/t", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_WITH_TTL, 100_000)));
            same(results.size(), 7);
            same(((OpResult.CreateResult) results.get(1)).getPath(), "/multi/n-0000000000");
            same(((OpResult.SetDataResult) results.get(3)).getStat().getVersion(), 1);
            require(results.get(2) instanceof OpResult.CheckResult, "the third result is " + results.get(2));
            Stat stat = zk.exists("/multi", false);
            same(stat.getCzxid(), stat.getMzxid());
            same(stat.getNumChildren(), 2);
        });
        check("multi-fails-as-one", () -> {
            try {
                zk.multi(List.of(
                    Op.setData("/multi", bytes("3"), -1),
                    Op.check("/multi", 77),
                    Op.delete("/multi", -1)));
                throw new AssertionError("should have failed");
            } catch (KeeperException e) {
                same(e.code(), Code.BADVERSION);
                List<Integer> codes = new ArrayList<>();
                for (OpResult result : e.getResults()) codes.add(((OpResult.ErrorResult) result).getErr());
                same(codes, List.of(0, Code.BADVERSION.intValue(), Code.RUNTIMEINCONSISTENCY.intValue()));
            }
            same(new String(zk.getData("/multi", false, null), UTF_8), "2");
        });
        check("multi-empty", () -> same(zk.multi(List.of()).size(), 0));
        check("transaction", () -> {
            List<OpResult> results = zk.transaction().setData("/multi", bytes("4"), -1).check("/multi", 2).commit();
            same(results.size(), 2);
        });
        check("multi-read", () -> {
            List<OpResult> results = zk.multi(List.of(Op.getData("/multi"), Op.getChildren("/multi"), Op.getData("/none")));
            same(new String(((OpResult.GetDataResult) results.get(0)).getData(), UTF_8), "4");
            List<String> names = ((OpResult.GetChildrenResult) results.get(1)).getChildren();
            Collections.sort(names);
            same(names, List.of("c", "t"));
            same(((OpResult.ErrorResult) results.get(2)).getErr(), Code.NONODE.intValue());
        });
    }

    static void asynchronous() {
        check("asynchronous-in-order", () -> {
            create("/async", CreateMode.PERSISTENT);
            int count = 3000;
            List<Integer> order = Collections.synchronizedList(new ArrayList<>());
            AtomicInteger wrong = new AtomicInteger();
            CountDownLatch left = new CountDownLatch(count);
            for (int i = 0; i < count; i++) {
                int number = i;
                if (i % 3 == 0) {
                    zk.setData("/async", bytes("" + i), -1, (rc, path, ctx, stat) -> {
                        if (rc != 0 || stat.getVersion() != number / 3 + 1) wrong.incrementAndGet();
                        order.add(number);
                        left.countDown();
                    }, null);
                } else {
                    zk.getData("/async", false, (rc, path, ctx, data, stat) -> {
                        if (rc != 0 || !new String(data, UTF_8).equals("" + number / 3 * 3)) wrong.incrementAndGet();
                        order.add(number);
                        left.countDown();
                    }, null);
                }
            }
            require(left.await(60, TimeUnit.SECONDS), left.getCount() + " unanswered");
            same(wrong.get(), 0);
            for (int i = 0; i < count; i++) same(order.get(i), i);
        });
        check("sync", () -> {
            CountDownLatch done = new CountDownLatch(1);
            String[] got = new String[1];
            zk.sync("/async", (rc, path, ctx) -> {
                got[0] = rc + path;
                done.countDown();
            }, null);
            require(done.await(60, TimeUnit.SECONDS), "no answer");
            same(got[0], "0/async");
        });
    }

    static void watches() {
        check("watch-data", () -> {
            create("/watch", CreateMode.PERSISTENT);
            zk.getData("/watch", events, null);
            Stat stat = zk.setData("/watch", bytes("1"), -1);
            same(events.expect(EventType.NodeDataChanged, "/watch").getZxid(), stat.getMzxid());
            zk.setData("/watch", bytes("2"), -1);
            events.expectNothing();
        });
        check("watch-exists", () -> {
            require(zk.exists("/watch/later", events) == null, "is there already");
            create("/watch/later", CreateMode.PERSISTENT);
            events.expect(EventType.NodeCreated, "/watch/later");
            zk.exists("/watch/later", events);
            zk.delete("/watch/later", -1);
            events.expect(EventType.NodeDeleted, "/watch/later");
        });
        check("watch-children", () -> {
            zk.getChildren("/watch", events);
            create("/watch/child", CreateMode.PERSISTENT);
            events.expect(EventType.NodeChildrenChanged, "/watch");
            zk.getChildren("/watch", events);
            zk.setData("/watch/child", bytes("x"), -1);
            events.expectNothing();
            zk.delete("/watch/child", -1);
            events.expect(EventType.NodeChildrenChanged, "/watch");
        });
        check("watch-both-deleted-once", () -> {
            create("/watch/both", CreateMode.PERSISTENT);
            zk.getData("/watch/both", events, null);
            zk.getChildren("/watch/both", events);
            zk.delete("/watch/both", -1);
            events.expect(EventType.NodeDeleted, "/watch/both");
            events.expectNothing();
        });
        check("watch-remove", () -> {
            zk.getData("/watch", events, null);
            zk.removeWatches("/watch", events, WatcherType.Data, false);
            events.expect(EventType.DataWatchRemoved, "/watch");
            zk.getChildren("/watch", events);
            zk.removeAllWatches("/watch", WatcherType.Any, false);
            events.expect(EventType.ChildWatchRemoved, "/watch");
            zk.setData("/watch", bytes("3"), -1);
            events.expectNothing();
            fails(Code.NOWATCHER, () -> zk.removeWatches("/watch", events, WatcherType.Data, false));
        });
        check("watch-of-a-multi", () -> {
            zk.getData("/watch", events, null);
            zk.getChildren("/watch", events);
            zk.multi(List.of(
                Op.setData("/watch", bytes("4"), -1),
                Op.create("/watch/m", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
                Op.delete("/watch/m", -1)));
            long zxid = events.expect(EventType.NodeDataChanged, "/watch").getZxid();
            same(events.expect(EventType.NodeChildrenChanged, "/watch").getZxid(), zxid);
            events.expectNothing();
        });
    }

    static void persistentWatches() {
        check("persistent-watch", () -> {
            create("/persistent", CreateMode.PERSISTENT);
            zk.addWatch("/persistent", events, AddWatchMode.PERSISTENT);
            for (int i = 0; i < 3; i++) {
                zk.setData("/persistent", bytes("" + i), -1);
                events.expect(EventType.NodeDataChanged, "/persistent");
                create("/persistent/child", CreateMode.PERSISTENT);
                events.expect(EventType.NodeChildrenChanged, "/persistent");
                zk.delete("/persistent/child", -1);
                events.expect(EventType.NodeChildrenChanged, "/persistent");
            }
            zk.removeWatches("/persistent", events, WatcherType.Any, false);
            events.expect(EventType.PersistentWatchRemoved, "/persistent");
            zk.setData("/persistent", bytes("x"), -1);
            events.expectNothing();
        });
        check("recursive-watch", () -> {
            zk.addWatch("/recursive", events, AddWatchMode.PERSISTENT_RECURSIVE);
            for (String path : List.of("/recursive", "/recursive/a", "/recursive/a/b")) {
                create(path, CreateMode.PERSISTENT);
                events.expect(EventType.NodeCreated, path);
            }
            zk.setData("/recursive/a/b", bytes("x"), -1);
            events.expect(EventType.NodeDataChanged, "/recursive/a/b");
            for (String path : List.of("/recursive/a/b", "/recursive/a", "/recursive")) {
                zk.delete(path, -1);
                events.expect(EventType.NodeDeleted, path);
            }
            zk.removeWatches("/recursive", events, WatcherType.PersistentRecursive, false);
            WatchedEvent removed = events.next();
            require(removed != null && removed.getType() == EventType.PersistentWatchRemoved, "got " + removed);
        });
    }

    static void sessionsThatMove() {
        check("session-taken-up-again", () -> {
            ZooKeeper first = connect(proxy, new Events());
            first.create("/moved", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
            // Or the first would take its session back at once.
            tellProxy("refuse");
            Events own = new Events();
            ZooKeeper second = new ZooKeeper(server, TIMEOUT, own, first.getSessionId(), first.getSessionPasswd());
            require(own.connected.await(60, TimeUnit.SECONDS), "no connection");
            same(second.getSessionId(), first.getSessionId());
            same(second.exists("/moved", false).getEphemeralOwner(), first.getSessionId());
            second.close();
            require(zk.exists("/moved", false) == null, "the ephemeral is still there");
            tellProxy("accept");
            first.close();
        });
        check("session-with-a-wrong-password", () -> {
            Events own = new Events();
            ZooKeeper thief = new ZooKeeper(server, TIMEOUT, own, zk.getSessionId(), new byte[16]);
            own.expectState(KeeperState.Expired);
            thief.close();
            // The owner keeps its session, whether or not it had to connect again.
            until("the owner is connected", () -> zk.getState() == ZooKeeper.States.CONNECTED);
            until("the owner is answered", () -> {
                try {
                    return zk.exists("/", false) != null;
                } catch (KeeperException.ConnectionLossException e) {
                    return false;
                }
            });
            require(zk.getEphemerals().contains("/eph"), "the owner has lost its ephemerals");
        });
    }

    static void reconnection() {
        check("reconnects", () -> {
            Events own = new Events();
            ZooKeeper client = connect(proxy, own);
            long id = client.getSessionId();
            client.create("/reconnect", bytes("0"), Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
            client.addAuthInfo("digest", bytes("bob:secret"));
            client.create("/reconnect-bobs", null, Ids.CREATOR_ALL_ACL, CreateMode.EPHEMERAL);
            tellProxy("drop");
            own.expectState(KeeperState.Disconnected);
            own.expectState(KeeperState.SyncConnected);
            same(client.getSessionId(), id);
            same(client.exists("/reconnect", false).getEphemeralOwner(), id);
            client.getData("/reconnect-bobs", false, null);
            client.close();
        });
        check("watches-survive-reconnection", () -> {
            create("/away", CreateMode.PERSISTENT);
            create("/away/gone", CreateMode.PERSISTENT);
            create("/away/quiet", CreateMode.PERSISTENT);
            Events own = new Events();
            ZooKeeper client = connect(proxy, own);
            client.getData("/away", own, null);
            client.getChildren("/away", own);
            client.getData("/away/gone", own, null);
            client.getData("/away/quiet", own, null);
            client.exists("/away/new", own);
            client.addWatch("/away/persistent", own, AddWatchMode.PERSISTENT);
            tellProxy("refuse");
            own.expectState(KeeperState.Disconnected);
            zk.setData("/away", bytes("changed"), -1);
            zk.delete("/away/gone", -1);
            create("/away/new", CreateMode.PERSISTENT);
            tellProxy("accept");
            own.expectState(KeeperState.SyncConnected);
            List<String> got = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                WatchedEvent event = own.next();
                require(event != null, "only " + got);
                got.add(event.getType() + " " + event.getPath());
            }
            Collections.sort(got);
            same(got, List.of("NodeChildrenChanged /away", "NodeCreated /away/new", "NodeDataChanged /away", "NodeDeleted /away/gone"));
            zk.setData("/away/quiet", bytes("now"), -1);
            own.expect(EventType.NodeDataChanged, "/away/quiet");
            create("/away/persistent", CreateMode.PERSISTENT);
            own.expect(EventType.NodeCreated, "/away/persistent");
            client.close();
        });
        check("session-expires", () -> {
            Events own = new Events();
            ZooKeeper client = new ZooKeeper(proxy, 2000, own);
            require(own.connected.await(60, TimeUnit.SECONDS), "no connection");
            client.create("/expires", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
            zk.exists("/expires", events);
            events.queue.clear();
            tellProxy("refuse");
            events.expect(EventType.NodeDeleted, "/expires");
            tellProxy("accept");
            own.expectState(KeeperState.Expired);
            fails(Code.SESSIONEXPIRED, () -> client.getData("/", false, null));
        });
        check("chroot", () -> {
            create("/chroot", CreateMode.PERSISTENT);
            Events own = new Events();
            ZooKeeper client = connect(server + "/chroot", own);
            same(client.create("/inside", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT), "/inside");
            same(client.getChildren("/", own), List.of("inside"));
            require(zk.exists("/chroot/inside", false) != null, "made elsewhere");
            client.delete("/inside", -1);
            own.expect(EventType.NodeChildrenChanged, "/");
            client.close();
        });
    }

    static void administration() {
        check("configuration", () -> same(new String(zk.getConfig(false, null), UTF_8), ""));
        check("reconfiguration-standalone", () -> {
            Events own = new Events();
            ZooKeeperAdmin admin = new ZooKeeperAdmin(server, TIMEOUT, own, new ZKClientConfig());
            require(own.connected.await(60, TimeUnit.SECONDS), "no connection");
            fails(Code.RECONFIGDISABLED, () -> admin.reconfigure("server.9=127.0.0.1:1:2;3", null, null, -1, null));
            admin.close();
        });
        check("quota", () -> {
            create("/quota", CreateMode.PERSISTENT);
            StatsTrack limits = new StatsTrack();
            limits.setCount(-1);
            limits.setBytes(-1);
            limits.setCountHardLimit(3);
            limits.setByteHardLimit(1000);
            require(SetQuotaCommand.createQuota(zk, "/quota", limits), "no quota");
            create("/quota/1", CreateMode.PERSISTENT);
            create("/quota/2", CreateMode.PERSISTENT);
            fails(Code.QUOTAEXCEEDED, () -> create("/quota/3", CreateMode.PERSISTENT));
            fails(Code.QUOTAEXCEEDED, () -> zk.setData("/quota/1", new byte[2000], -1));
            String usage = new String(zk.getData("/zookeeper/quota/quota/zookeeper_stats", false, null), UTF_8);
            require(usage.contains("count=3"), "usage " + usage);
        });
    }
}
