import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.StatsTrack;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.server.DataNode;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.util.QuotaMetricsUtils;

/**
 * Records what Apache's StatsTrack makes of texts, and what its DataTree writes as the usage of quotas while a random
 * script runs. Compile and run with the jars of Apache ZooKeeper 3.9.5 on the class path; the argument is the file to
 * write, quotas.recording.
 */
public class RecordQuotas {
    static final String[] TEXTS = {
        "", "count=1,bytes=2", "count=-1,bytes=-1", "bytes=2,count=1", "count=4,bytes=5=;byteHardLimit=10;countHardLimit=11",
        "count=4,bytes=5=;countHardLimit=11;byteHardLimit=10", "count=,bytes=5", "count==,bytes=5", "count==5", "count", "count=",
        "=", "==", "=5", "==5", ",", ",,", ";", ",count=1", "count=1,", "count=1,,bytes=2", "count=1;bytes=2", "count=1,;bytes=2",
        "count=+1,bytes=+2", "count=-0,bytes=007", "count=1.5", "count= 1", " count=1", "count=x", "count=0x10",
        "count=9223372036854775807,bytes=-9223372036854775808", "count=9223372036854775808", "count=-9223372036854775809",
        "count=00000000000000000000000000001", "z=1,a=2,count=3", "z=1;Z=2;_=3;aa=4;a=5", "count=1,count=2", "byteHardLimit=1",
        "count=1=2=3,bytes=4=", "count=+", "count=-", "count=1\n", "a=b=c", "a=1=c", ";;a=1;;", "count=1,bytes=2=;byteHardLimit=3",
        "byteHardLimit=1,bytes=9,countHardLimit=2,count=8,extra=7"
    };

    static final String[] PATHS = {"/a", "/a/b", "/a/b/c", "/a/d", "/a/b/e", "/x", "/x/y", "/ab"};
    static final String[] QUOTAS = {"/a", "/a/b", "/x/y", "/ab"};

    public static void main(String[] arguments) throws Exception {
        Map<String, String> texts = new LinkedHashMap<>();
        for (String text : TEXTS) {
            String result;
            try {
                result = new StatsTrack(text).toString();
            } catch (RuntimeException e) {
                result = null;
            }
            texts.put(text, result);
        }

        Random random = new Random(42);
        DataTree tree = new DataTree();
        long zxid = 0;
        List<List<Object>> steps = new ArrayList<>();
        for (int i = 0; i < 1200; i++) {
            zxid++;
            List<Object> step = new ArrayList<>();
            String path = PATHS[random.nextInt(PATHS.length)];
            String quota = "/zookeeper/quota" + QUOTAS[random.nextInt(QUOTAS.length)];
            byte[] data = random.nextInt(8) == 0 ? null : new byte[random.nextInt(100)];
            int operation = random.nextInt(100);
            if (operation < 40) {
                step.addAll(Arrays.asList("create", path, data == null ? -1 : data.length, create(tree, path, data, zxid)));
            } else if (operation < 62) {
                step.addAll(Arrays.asList("delete", path, delete(tree, path, zxid)));
            } else if (operation < 82) {
                boolean exists = tree.getNode(path) != null;
                if (exists) {
                    tree.setData(path, data, 1, zxid, 0);
                }
                step.addAll(Arrays.asList("setData", path, data == null ? -1 : data.length, exists));
            } else if (operation < 92) {
                StringBuilder parent = new StringBuilder();
                for (String name : quota.substring(1).split("/")) {
                    parent.append("/").append(name);
                    create(tree, parent.toString(), new byte[0], zxid);
                }
                StatsTrack limits = new StatsTrack();
                limits.setCount(random.nextInt(20) - 1);
                if (random.nextBoolean()) {
                    limits.setByteHardLimit(random.nextInt(500) - 1);
                }
                boolean created = create(tree, quota + "/zookeeper_limits", limits.getStatsBytes(), zxid);
                create(tree, quota + "/zookeeper_stats", new StatsTrack().getStatsBytes(), zxid);
                step.addAll(Arrays.asList("setQuota", quota, limits.toString(), created));
            } else {
                delete(tree, quota + "/zookeeper_stats", zxid);
                step.addAll(Arrays.asList("delQuota", quota, null, delete(tree, quota + "/zookeeper_limits", zxid)));
            }
            step.add(usages(tree));
            step.add(Arrays.asList(
                new TreeMap<>(QuotaMetricsUtils.getQuotaCountLimit(tree)), new TreeMap<>(QuotaMetricsUtils.getQuotaBytesLimit(tree)),
                new TreeMap<>(QuotaMetricsUtils.getQuotaCountUsage(tree)), new TreeMap<>(QuotaMetricsUtils.getQuotaBytesUsage(tree))));
            steps.add(step);
        }

        ObjectMapper mapper = new ObjectMapper();
        StringBuilder text = new StringBuilder("{\n\"texts\": " + mapper.writeValueAsString(texts) + ",\n\"steps\": [\n");
        for (int i = 0; i < steps.size(); i++) {
            text.append(mapper.writeValueAsString(steps.get(i))).append(i + 1 < steps.size() ? ",\n" : "\n");
        }
        Files.writeString(Path.of(arguments[0]), text.append("]\n}\n"));
    }

    static Map<String, String> usages(DataTree tree) {
        Map<String, String> usages = new TreeMap<>();
        for (String quota : QUOTAS) {
            DataNode node = tree.getNode("/zookeeper/quota" + quota + "/zookeeper_stats");
            if (node != null) {
                usages.put(quota, new String(node.getData(), StandardCharsets.UTF_8));
            }
        }
        return usages;
    }

    static boolean create(DataTree tree, String path, byte[] data, long zxid) {
        try {
            tree.createNode(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, 0, -1, zxid, 0);
            return true;
        } catch (KeeperException e) {
            return false;
        }
    }

    static boolean delete(DataTree tree, String path, long zxid) throws Exception {
        if (tree.getNode(path) == null || !tree.getNode(path).getChildren().isEmpty()) {
            return false;
        }
        tree.deleteNode(path, zxid);
        return true;
    }
}
