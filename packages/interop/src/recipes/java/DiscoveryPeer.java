import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.nodes.GroupMember;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.ServiceProvider;
import org.apache.curator.x.discovery.ServiceType;
import org.apache.curator.x.discovery.UriSpec;
import org.apache.curator.x.discovery.details.JsonInstanceSerializer;

/**
 * Registers instances and joins a group with Curator, says what it sees of the others, and goes once /done is there.
 * Arguments: the server's address, how many instances and how many members there are in the end.
 */
public class DiscoveryPeer {
    private static final String SERVICE = "worker";
    private static final long LIMIT_MS = 60_000;

    public static void main(String[] args) throws Exception {
        int instances = Integer.parseInt(args[1]);
        int members = Integer.parseInt(args[2]);
        try (CuratorFramework client = CuratorFrameworkFactory.newClient(args[0], new RetryOneTime(100))) {
            client.start();
            // The second one writes `enabled`, which Curator does not by itself.
            try (ServiceDiscovery<Object> discovery = discovery(client, true);
                    ServiceDiscovery<Object> newer = discovery(client, false);
                    GroupMember member = new GroupMember(client, "/group", "theirs", "from curator".getBytes())) {
                discovery.start();
                newer.start();
                member.start();
                discovery.registerService(instance("theirs-text", "zone-a", ServiceType.DYNAMIC, true));
                discovery.registerService(instance("theirs-map", new HashMap<>(Map.of("zone", "b")), ServiceType.STATIC, true));
                newer.registerService(instance("theirs-off", 7, ServiceType.DYNAMIC, false));
                until(() -> discovery.queryForInstances(SERVICE).size() == instances);
                for (ServiceInstance<Object> each : discovery.queryForInstances(SERVICE)) tell(each);
                provide(discovery, instances);
                until(() -> member.getCurrentMembers().size() == members);
                for (Map.Entry<String, byte[]> each : new TreeMap<>(member.getCurrentMembers()).entrySet())
                    System.out.println("member " + each.getKey() + " " + new String(each.getValue()));
                until(() -> client.checkExists().forPath("/done") != null);
            }
        }
        System.out.println("done");
    }

    private static ServiceDiscovery<Object> discovery(CuratorFramework client, boolean compatible) {
        return ServiceDiscoveryBuilder.builder(Object.class)
                .client(client)
                .basePath("/services")
                .serializer(new JsonInstanceSerializer<>(Object.class, compatible))
                .build();
    }

    private static ServiceInstance<Object> instance(String id, Object payload, ServiceType type, boolean enabled)
            throws Exception {
        return ServiceInstance.builder()
                .name(SERVICE)
                .id(id)
                .address("10.0.0.1")
                .port(80)
                .sslPort(443)
                .payload(payload)
                .registrationTimeUTC(1_700_000_000_000L)
                .serviceType(type)
                .uriSpec(new UriSpec("{scheme}://{address}:{ssl-port}/"))
                .enabled(enabled)
                .build();
    }

    private static void tell(ServiceInstance<Object> each) {
        Object payload = each.getPayload();
        String kind = payload == null ? "none" : payload.getClass().getSimpleName();
        System.out.println(String.join(
                " ",
                "instance",
                each.getId(),
                each.getAddress() + "",
                each.getPort() + "",
                each.getSslPort() + "",
                kind + ":" + payload,
                each.getRegistrationTimeUTC() + "",
                each.getServiceType() + "",
                each.buildUriSpec(),
                each.isEnabled() + ""));
    }

    /** Says which instances a provider gives: those that are enabled, each once in a round. */
    private static void provide(ServiceDiscovery<Object> discovery, int instances) throws Exception {
        try (ServiceProvider<Object> provider =
                discovery.serviceProviderBuilder().serviceName(SERVICE).build()) {
            provider.start();
            int enabled = provider.getAllInstances().size();
            List<String> given = new ArrayList<>();
            for (int i = 0; i < enabled; i++) given.add(provider.getInstance().getId());
            given.sort(null);
            System.out.println("provided " + String.join(" ", given));
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void until(Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MS);
        while (!condition.holds()) {
            if (System.nanoTime() > end) throw new IllegalStateException("it did not come");
            Thread.sleep(20);
        }
    }
}
