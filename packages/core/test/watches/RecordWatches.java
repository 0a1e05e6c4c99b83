import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.ServerWatcher;

/**
 * Records what Apache's DataTree and WatchManager tell four connections while a random script of changes and watches
 * runs. Compile and run with the jars of Apache ZooKeeper 3.9.5 on the class path; the argument is
 * the file to write, watches.recording.
 *
 * Each step is [operation, arguments..., result, events]; an event is [connection, type, path, zxid]. Events of one step
 * are sorted, since Java tells the watchers of a path in no particular order. A znode whose list names a connection may
 * be read by that connection only.
 */
public class RecordWatches {
    static final String[] PATHS = {"/a", "/b", "/a/x", "/a/y", "/a/x/1", "/a/x/2", "/b/z"};
    static final List<List<Object>> events = new ArrayList<>();

    static class Connection implements ServerWatcher {
        final int number;

        Connection(int number) {
            this.number = number;
        }

        @Override
        public void process(WatchedEvent event) {
            process(event, null);
        }

        @Override
        public void process(WatchedEvent event, List<ACL> acl) {
            if (acl != null && !acl.isEmpty()) {
                String id = acl.get(0).getId().getId();
                if (!id.equals("anyone") && !id.equals(String.valueOf(number))) {
                    return;
                }
            }
            events.add(Arrays.asList(number, event.getType().getIntValue(), event.getPath(), event.getZxid()));
        }
    }

    static List<ACL> acl(int owner) {
        Id id = owner < 0 ? new Id("world", "anyone") : new Id("ip", String.valueOf(owner));
        return Collections.singletonList(new ACL(31, id));
    }

    static List<String> some(Random random) {
        List<String> paths = new ArrayList<>();
        for (String path : PATHS) {
            if (random.nextInt(4) == 0) {
                paths.add(path);
            }
        }
        return paths;
    }

    public static void main(String[] arguments) throws Exception {
        Random random = new Random(20240717);
        DataTree tree = new DataTree();
        Connection[] connections = new Connection[4];
        for (int i = 0; i < connections.length; i++) {
            connections[i] = new Connection(i);
        }
        List<List<Object>> steps = new ArrayList<>();
        long zxid = 0;
        for (int i = 0; i < 1600; i++) {
            String path = PATHS[random.nextInt(PATHS.length)];
            int who = random.nextInt(connections.length);
            Connection connection = connections[who];
            List<Object> step = new ArrayList<>();
            Object result = null;
            events.clear();
            int operation = random.nextInt(100);
            if (operation < 20) {
                int owner = random.nextInt(8) - 4;
                zxid++;
                step.addAll(Arrays.asList("create", path, owner, zxid));
                // As PrepRequestProcessor has it, only what is not there is created.
                boolean free = tree.getNode(path) == null && tree.getNode(path.substring(0, path.lastIndexOf('/'))) != null;
                if (free) {
                    tree.createNode(path, new byte[0], acl(owner), 0, -1, zxid, 0);
                }
                result = free;
            } else if (operation < 36) {
                zxid++;
                step.addAll(Arrays.asList("delete", path, zxid));
                // As PrepRequestProcessor has it, only what has no children is deleted.
                boolean empty = tree.getNode(path) != null && tree.getNode(path).getChildren().isEmpty();
                if (empty) {
                    tree.deleteNode(path, zxid);
                }
                result = empty;
            } else if (operation < 50) {
                zxid++;
                step.addAll(Arrays.asList("setData", path, zxid));
                try {
                    tree.setData(path, new byte[0], 1, zxid, 0);
                    result = true;
                } catch (KeeperException e) {
                    result = false;
                }
            } else if (operation < 60) {
                step.addAll(Arrays.asList("exists", path, who));
                try {
                    tree.statNode(path, connection);
                    result = true;
                } catch (KeeperException e) {
                    result = false;
                }
            } else if (operation < 70) {
                step.addAll(Arrays.asList("getChildren", path, who));
                try {
                    tree.getChildren(path, new Stat(), connection);
                    result = true;
                } catch (KeeperException e) {
                    result = false;
                }
            } else if (operation < 76) {
                int mode = random.nextInt(2);
                step.addAll(Arrays.asList("addWatch", path, who, mode));
                tree.addWatch(path, connection, mode);
            } else if (operation < 84) {
                int type = 1 + random.nextInt(5);
                step.addAll(Arrays.asList("removeWatches", path, who, type));
                result = tree.removeWatch(path, Watcher.WatcherType.fromInt(type), connection);
            } else if (operation < 94) {
                int type = 1 + random.nextInt(5);
                step.addAll(Arrays.asList("checkWatches", path, who, type));
                result = tree.containsWatcher(path, Watcher.WatcherType.fromInt(type), connection);
            } else if (operation < 98) {
                long relative = Math.max(0, zxid - random.nextInt(60));
                List<String> data = some(random), exist = some(random), child = some(random);
                List<String> persistent = random.nextInt(3) == 0 ? some(random) : new ArrayList<>();
                List<String> recursive = random.nextInt(3) == 0 ? some(random) : new ArrayList<>();
                step.addAll(Arrays.asList("setWatches", who, relative, data, exist, child, persistent, recursive));
                tree.setWatches(relative, data, exist, child, persistent, recursive, connection);
            } else {
                step.addAll(Arrays.asList("close", who));
                tree.removeCnxn(connection);
                // Its place is taken by a new connection.
                connections[who] = new Connection(who);
            }
            step.add(result);
            List<List<Object>> told = new ArrayList<>(events);
            told.sort((a, b) -> a.toString().compareTo(b.toString()));
            step.add(told);
            step.add(tree.getWatchCount());
            step.add(tree.getWatchesSummary().getTotalWatches());
            steps.add(step);
        }
        ObjectMapper mapper = new ObjectMapper();
        StringBuilder text = new StringBuilder("[\n");
        for (int i = 0; i < steps.size(); i++) {
            text.append("  ").append(mapper.writeValueAsString(steps.get(i))).append(i + 1 < steps.size() ? ",\n" : "\n");
        }
        Files.writeString(Path.of(arguments[0]), text.append("]\n"));
    }
}
