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
import javax.security.auth.x500.X500Principal;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.PrepRequestProcessor;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;
import org.apache.zookeeper.server.auth.IPAuthenticationProvider;
import org.apache.zookeeper.server.auth.SASLAuthenticationProvider;

/**
 * Records what Apache's authentication providers, PrepRequestProcessor.fixupACL and ZooKeeperServer.checkACL decide.
 * Compile and run with the jars of Apache ZooKeeper 3.9.5 on the class path; the argument is the file to write, auth.recording.
 */
public class RecordAuth {
    static final String[] ADDRESSES = {
        "10.1.2.3", "10.1.2.255", "10.1.130.3", "192.168.0.1", "0.0.0.0", "255.255.255.255", "1.2.3", "1.2.3.4.5", "1.2.3.256",
        "1.2.3.-1", "1.2.3.+4", "1.2.3.-0", "01.02.003.4", "1.2.3.", ".1.2.3", "1.2.3.x", "1.2.3.1e1", "1.2.3. 4", "a.b.c.d", "...",
        "", "localhost", "1", "::1", "::", "1::", "fe80::1", "fe80::1%eth0", "2001:db8::8:800:200c:417a", "2001:db8:0:0:8:800:200c:417a",
        "2001:DB8:0:0:8:800:200C:417A", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
        "1:2:3:4::5:6:7:8", "1::2::3", ":::", ":", "1:", ":1", "12345::", "g::1", "+1::1", "-1::1", "1:2:3:4:5:6:7:", "::ffff:1.2.3.4",
        "::ffff:102:304", "0:0:0:0:0:0:0:1", "1:2:3:4:5:6:7:+8", "::1:", "1:::2"
    };
    static final String[] BITS = {"", "/0", "/1", "/8", "/9", "/15", "/17", "/24", "/31", "/32", "/33", "/64", "/65", "/127", "/128", "/129",
        "/-1", "/", "/x", "/+8", "/08", "/8/8", "/ 8", "/-0"};
    static final String[] USERS = {"bob:secret", "bob", "bob:", ":secret", ":", "", "a:b:c", "b\u00f6b:\u00e9\u20ac", "x:\ud83d\ude00", "super:test"};
    static final String[] DIGEST_IDS = {"a:b", "a", "a:", ":b", ":", "", "a:b:", "a:b::", "a::b", "a:b:c", "::", ":a:", "a:b:c:"};
    static final String[] SASL_IDS = {"bob", "bob@R", "bob/h@R", "bob/h/i@R", "bob@R@S", "@", "/@", "bob/h", "", "a@b/c", "a/b/c", "a\n@b"};
    static final String[] NAMES = {
        "", "CN=a", "cn=a", "CN=a,O=b", "CN=a;O=b", "CN=a+O=b", "CN=a,", "CN=a,,O=b", ",CN=a", "CN", "=a", "CN=", "CN= ", "FOO=a", "1.2.3=a",
        "1.2=a", "1=a", "9.9.9=a", "OID.1.2.3=a", "oid.1.2.3=a", "CN=\"a,b\"", "CN=\"a", "CN=a\\,b", "CN=a\\", "CN=a\\41", "CN=a\\4",
        "CN=a\\zz", "CN=#0401ff", "CN=#0402ff", "CN=#0400", "CN=#0401ffff", "CN=#0401ff ,O=b", "CN=#04", "CN=#zz", "CN=#", "CN=a=b", "CN=a#b", " CN = a , O = b ", "CN=a\"b", "CN=\"a\"b", "CN=\"a\" ",
        "CN=<a>", "CN=a<b", "EMAILADDRESS=x@y", "E=x", "UID=u", "DC=com", "S=s", "ST=s", "C=US", "STREET=s", "T=t", "TITLE=t", "SN=s",
        "SURNAME=s", "GN=g", "SERIALNUMBER=1", "CN=\u00e9", "CN=a+", "+CN=a", "CN=\\ a", "CN=a\\ ", "CN=\\#a", "CN=\\a", "CN=a\\\\b", "C N=a",
        "CN=a,O", "bob", "bob:abc", "CN=a/O=b", "/CN=a/O=b", "01.2.3=a", "1.40.3=a", "3.1.1=a", "1..2=a", "CN=,O=b", "2.999=x",
        "CN=\"a\\\"b\"", "CN=\"a\\", "CN=a\\,", "OID.CN=a", "CN=Smith\\, John,OU=x y,O=z"
    };

    static final Id[] IDS = {
        new Id("world", "anyone"), new Id("world", "bob"), new Id("world", null), new Id("auth", ""), new Id("auth", "x"),
        new Id("auth", null), new Id("ip", "10.0.0.0/8"), new Id("ip", "10.0.0.300"), new Id("ip", null), new Id("digest", "bob:x"),
        new Id("digest", "bob"), new Id("digest", null), new Id("super", ""), new Id("nope", "x"), new Id("nope", null), new Id(null, "x"),
        new Id("sasl", "bob@R"), new Id("sasl", "a@b@c"), new Id("", "")
    };
    static final Id[] CONNECTION = {
        new Id("ip", "10.1.2.3"), new Id("digest", "bob:x"), new Id("digest", "eve:y"), new Id("super", ""), new Id("sasl", "bob@R"),
        new Id("sasl", "super"), new Id("world", "bob")
    };

    public static void main(String[] arguments) throws Exception {
        System.setProperty("zookeeper.authProvider.1", SASLAuthenticationProvider.class.getName());
        Map<String, Object> record = new LinkedHashMap<>();
        IPAuthenticationProvider ip = new IPAuthenticationProvider();
        List<Object> valid = new ArrayList<>(), matches = new ArrayList<>();
        for (String address : ADDRESSES) {
            for (String bits : BITS) {
                if (ip.isValid(address + bits)) {
                    valid.add(address + bits);
                }
                for (String id : ADDRESSES) {
                    if (ip.matches(id, address + bits)) {
                        matches.add(Arrays.asList(id, address + bits));
                    }
                }
            }
        }
        record.put("addresses", ADDRESSES);
        record.put("bits", BITS);
        record.put("ipValid", valid);
        record.put("ipMatches", matches);
        Map<String, Object> digests = new LinkedHashMap<>();
        for (String user : USERS) {
            digests.put(user, DigestAuthenticationProvider.generateDigest(user));
        }
        record.put("digests", digests);
        // What is malformed becomes U+FFFD before it is hashed.
        byte[] malformed = {'a', ':', (byte) 0xff, (byte) 0xc3, 'b'};
        record.put("malformedDigest", DigestAuthenticationProvider.generateDigest(new String(malformed, StandardCharsets.UTF_8)));
        Map<String, Object> digestIds = new LinkedHashMap<>(), saslIds = new LinkedHashMap<>(), names = new LinkedHashMap<>();
        for (String id : DIGEST_IDS) {
            digestIds.put(id, new DigestAuthenticationProvider().isValid(id));
        }
        for (String id : SASL_IDS) {
            saslIds.put(id, new SASLAuthenticationProvider().isValid(id));
        }
        for (String name : NAMES) {
            boolean accepted = true;
            try {
                new X500Principal(name);
            } catch (IllegalArgumentException e) {
                accepted = false;
            }
            names.put(name, accepted);
        }
        record.put("digestIds", digestIds);
        record.put("saslIds", saslIds);
        record.put("x500Names", names);

        Random random = new Random(3);
        List<Object> fixups = new ArrayList<>(), checks = new ArrayList<>();
        ZooKeeperServer server = new ZooKeeperServer();
        for (int i = 0; i < 600; i++) {
            List<Id> connection = new ArrayList<>();
            for (Id id : CONNECTION) {
                if (random.nextInt(4) == 0) {
                    connection.add(id);
                }
            }
            List<ACL> acl = new ArrayList<>();
            for (int n = random.nextInt(4); n > 0; n--) {
                Id id = IDS[random.nextInt(IDS.length)];
                if (random.nextBoolean()) {
                    id = IDS[new int[] {0, 3, 6, 9, 16}[random.nextInt(5)]];
                }
                // Permissions differ, or two entries without an id are compared, on which Java stumbles.
                acl.add(new ACL(id.getId() == null || id.getScheme() == null ? 16 + n : 1 << random.nextInt(3), id));
            }
            Object fixed;
            try {
                fixed = entries(PrepRequestProcessor.fixupACL("/", connection, acl));
            } catch (KeeperException e) {
                fixed = e.code().name();
            } catch (RuntimeException e) {
                fixed = "MARSHALLINGERROR";
            }
            fixups.add(Arrays.asList(ids(connection), entries(acl), fixed));
            boolean complete = acl.stream().allMatch(entry -> entry.getId().getScheme() != null && entry.getId().getId() != null);
            if (complete) {
                int wanted = 1 + random.nextInt(31);
                boolean allowed = true;
                try {
                    server.checkACL(null, acl, wanted, connection, "/", null);
                } catch (KeeperException e) {
                    allowed = false;
                }
                checks.add(Arrays.asList(ids(connection), entries(acl), wanted, allowed));
            }
        }
        record.put("fixups", fixups);
        record.put("checks", checks);
        Files.writeString(Path.of(arguments[0]), new ObjectMapper().writeValueAsString(record).replace("],[[", "],\n[[") + "\n");
    }

    static List<Object> ids(List<Id> ids) {
        List<Object> list = new ArrayList<>();
        ids.forEach(id -> list.add(Arrays.asList(id.getScheme(), id.getId())));
        return list;
    }

    static List<Object> entries(List<ACL> acl) {
        List<Object> list = new ArrayList<>();
        acl.forEach(entry -> list.add(Arrays.asList(entry.getPerms(), entry.getId().getScheme(), entry.getId().getId())));
        return list;
    }
}
