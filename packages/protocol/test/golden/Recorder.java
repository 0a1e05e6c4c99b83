import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.jute.BinaryInputArchive;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZKUtil;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.common.PathUtils;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.EphemeralType;
import org.apache.zookeeper.server.TxnLogEntry;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.auth.DigestAuthenticationProvider;
import org.apache.zookeeper.server.command.FourLetterCommands;
import org.apache.zookeeper.server.persistence.Util;
import org.apache.zookeeper.server.util.SerializeUtils;
import org.apache.zookeeper.server.util.ZxidUtils;
import org.apache.zookeeper.txn.CheckVersionTxn;
import org.apache.zookeeper.txn.CloseSessionTxn;
import org.apache.zookeeper.txn.CreateContainerTxn;
import org.apache.zookeeper.txn.CreateSessionTxn;
import org.apache.zookeeper.txn.CreateTTLTxn;
import org.apache.zookeeper.txn.CreateTxn;
import org.apache.zookeeper.txn.CreateTxnV0;
import org.apache.zookeeper.txn.DeleteTxn;
import org.apache.zookeeper.txn.ErrorTxn;
import org.apache.zookeeper.txn.MultiTxn;
import org.apache.zookeeper.txn.SetACLTxn;
import org.apache.zookeeper.txn.SetDataTxn;
import org.apache.zookeeper.txn.Txn;
import org.apache.zookeeper.txn.TxnDigest;
import org.apache.zookeeper.txn.TxnHeader;

/**
 * Records what Apache ZooKeeper's own classes write, read and decide, as lines of JSON. See README.md.
 *
 * In values, a long is a string of digits and bytes are hex: JSON has neither.
 */
public final class Recorder {

    private static final String[] RECORDS = {
        "data.Id", "data.ACL", "data.Stat", "data.StatPersisted", "data.ClientInfo",
        "proto.ConnectRequest", "proto.ConnectResponse", "proto.SetWatches", "proto.SetWatches2",
        "proto.RequestHeader", "proto.MultiHeader", "proto.AuthPacket", "proto.ReplyHeader", "proto.GetDataRequest",
        "proto.SetDataRequest", "proto.ReconfigRequest", "proto.SetDataResponse", "proto.GetSASLRequest",
        "proto.SetSASLRequest", "proto.SetSASLResponse", "proto.CreateRequest", "proto.CreateTTLRequest",
        "proto.DeleteRequest", "proto.GetChildrenRequest", "proto.GetAllChildrenNumberRequest",
        "proto.GetChildren2Request", "proto.CheckVersionRequest", "proto.GetMaxChildrenRequest",
        "proto.GetMaxChildrenResponse", "proto.SetMaxChildrenRequest", "proto.SyncRequest", "proto.SyncResponse",
        "proto.GetACLRequest", "proto.SetACLRequest", "proto.SetACLResponse", "proto.AddWatchRequest",
        "proto.WatcherEvent", "proto.ErrorResponse", "proto.CreateResponse", "proto.Create2Response",
        "proto.ExistsRequest", "proto.ExistsResponse", "proto.GetDataResponse", "proto.GetChildrenResponse",
        "proto.GetAllChildrenNumberResponse", "proto.GetChildren2Response", "proto.GetACLResponse",
        "proto.CheckWatchesRequest", "proto.RemoveWatchesRequest", "proto.GetEphemeralsRequest",
        "proto.GetEphemeralsResponse", "proto.WhoAmIResponse", "DeleteContainerRequest",
        "server.quorum.LearnerInfo", "server.quorum.QuorumPacket", "server.quorum.QuorumAuthPacket",
        "server.persistence.FileHeader", "txn.TxnHeader", "txn.TxnDigest", "txn.CreateTxnV0", "txn.CreateTxn",
        "txn.CreateTTLTxn", "txn.CreateContainerTxn", "txn.DeleteTxn", "txn.SetDataTxn", "txn.CheckVersionTxn",
        "txn.SetACLTxn", "txn.SetMaxChildrenTxn", "txn.CreateSessionTxn", "txn.CloseSessionTxn", "txn.ErrorTxn",
        "txn.Txn", "txn.MultiTxn",
    };

    private static final int VARIANTS = 7;
    private static final int[] INTS = {0, -1, 42, Integer.MAX_VALUE, Integer.MIN_VALUE, 0x01020304, -559038737};
    private static final long[] LONGS = {
        0, -1, (5L << 32) | 7, Long.MAX_VALUE, Long.MIN_VALUE, (1L << 53) - 1, 0x0102030405060708L,
    };
    /** What a zxid or a time can be, and last what it cannot. */
    private static final long[] SMALLER_LONGS = {
        0, -1, (5L << 32) | 7, (1L << 53) - 1, 1700000000000L, -(1L << 40), Long.MAX_VALUE,
    };
    private static final String ALL_BITS = "sessionId|clientId|ephemeralOwner|treeDigest|dbid|magic";
    private static final String[] STRINGS = {
        "", null, "/app/node-0000000001", "caf\u00e9 \u20ac \u0000 \ufeff", "\ud83d\ude00 and \ud800 alone \udfff",
        "/" + "x".repeat(60), "/\u4e2d\u6587",
    };
    private static final int[] LENGTHS = {0, -1, 1, 256, 3, 16, 12};

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        write(folder.resolve("records.jsonl"), Recorder::records);
        write(folder.resolve("txns.jsonl"), Recorder::txns);
        write(folder.resolve("strings.jsonl"), Recorder::strings);
        write(folder.resolve("paths.jsonl"), Recorder::paths);
        write(folder.resolve("constants.jsonl"), Recorder::constants);
        write(folder.resolve("identities.jsonl"), Recorder::identities);
    }

    private interface Section {
        void record(PrintStream out) throws Exception;
    }

    private static void write(Path file, Section section) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        section.record(new PrintStream(bytes, true, StandardCharsets.US_ASCII));
        Files.write(file, bytes.toByteArray());
    }

    // Records: one line for each record and variant. "read" is there where Java reads back something else than it wrote.

    private static void records(PrintStream out) throws Exception {
        for (String name : RECORDS) {
            Class<?> type = Class.forName("org.apache.zookeeper." + name);
            for (int variant = 0; variant < VARIANTS; variant++) {
                Record record = (Record) fill(type, variant);
                byte[] bytes;
                try {
                    bytes = serialize(record);
                } catch (NullPointerException e) {
                    continue; // DeleteContainerRequest has no form for null.
                }
                String written = json(record);
                String read = json(deserialize(type, bytes));
                out.println("{\"record\":\"" + type.getSimpleName() + "\",\"value\":" + written
                    + (read.equals(written) ? "" : ",\"read\":" + read) + ",\"bytes\":\"" + hex(bytes) + "\"}");
            }
        }
    }

    private static Object fill(Class<?> type, int variant) throws Exception {
        Object record = type.getDeclaredConstructor().newInstance();
        int index = 0;
        for (Field field : fields(type)) {
            field.set(record, value(field, variant, index++));
        }
        return record;
    }

    private static Object value(Field field, int variant, int index) throws Exception {
        Class<?> type = field.getType();
        int shifted = variant == 0 ? 0 : (variant + index) % VARIANTS;
        if (type == int.class) {
            return INTS[shifted];
        } else if (type == long.class) {
            return field.getName().matches(ALL_BITS) ? LONGS[shifted] : SMALLER_LONGS[variant];
        } else if (type == boolean.class) {
            return (variant + index) % 2 == 1;
        } else if (type == String.class) {
            return STRINGS[variant == 2 ? 2 : shifted];
        } else if (type == byte[].class) {
            return bytes(LENGTHS[shifted]);
        } else if (type == List.class) {
            if (variant == 1) {
                return null;
            }
            Class<?> of = (Class<?>) ((ParameterizedType) field.getGenericType()).getActualTypeArguments()[0];
            List<Object> list = new ArrayList<>();
            for (int i = 0; i < variant; i++) {
                int element = (i + 2) % VARIANTS;
                list.add(of == String.class ? STRINGS[element == 1 ? 2 : element] : fill(of, element));
            }
            return list;
        }
        return fill(type, variant);
    }

    private static List<Field> fields(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                field.setAccessible(true);
                fields.add(field);
            }
        }
        return fields;
    }

    private static byte[] bytes(int length) {
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (255 - i);
        }
        return bytes;
    }

    private static byte[] serialize(Record record) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        record.serialize(BinaryOutputArchive.getArchive(out), "record");
        return out.toByteArray();
    }

    private static Record deserialize(Class<?> type, byte[] bytes) throws Exception {
        Record record = (Record) type.getDeclaredConstructor().newInstance();
        record.deserialize(BinaryInputArchive.getArchive(new ByteArrayInputStream(bytes)), "record");
        return record;
    }

    // Transactions: what the log has of each, what becomes of every prefix, and of one byte being another.

    private static void txns(PrintStream out) throws Exception {
        List<ACL> open = ZooDefs.Ids.OPEN_ACL_UNSAFE;
        List<ACL> two = Arrays.asList(new ACL(31, new Id("digest", "u:h=")), new ACL(1, new Id("world", "anyone")));
        byte[] data = {1, 2, 3};
        TxnDigest digest = new TxnDigest(2, 0x8123456789abcdefL);

        txn(out, ZooDefs.OpCode.create, new CreateTxn("/a", data, open, false, 1), digest);
        txn(out, ZooDefs.OpCode.create, new CreateTxn("/a", null, two, true, -1), null);
        txn(out, ZooDefs.OpCode.create, new CreateTxn("/a", new byte[0], null, true, 7), digest);
        txn(out, ZooDefs.OpCode.create, new CreateTxnV0("/old", data, two, true), null);
        txn(out, ZooDefs.OpCode.create2, new CreateTxn("/b", data, open, false, 2), digest);
        txn(out, ZooDefs.OpCode.createTTL, new CreateTTLTxn("/ttl", data, open, 3, 0xffffffffffL), digest);
        txn(out, ZooDefs.OpCode.createContainer, new CreateContainerTxn("/c", null, open, 4), digest);
        txn(out, ZooDefs.OpCode.delete, new DeleteTxn("/a"), digest);
        txn(out, ZooDefs.OpCode.deleteContainer, new DeleteTxn("/c"), null);
        txn(out, ZooDefs.OpCode.setData, new SetDataTxn("/b", data, 5), digest);
        txn(out, ZooDefs.OpCode.setData, new SetDataTxn("/b", null, -1), null);
        txn(out, ZooDefs.OpCode.reconfig, new SetDataTxn("/zookeeper/config", data, -1), digest);
        txn(out, ZooDefs.OpCode.setACL, new SetACLTxn("/b", two, 6), digest);
        txn(out, ZooDefs.OpCode.createSession, new CreateSessionTxn(30000), digest);
        txn(out, ZooDefs.OpCode.closeSession, new CloseSessionTxn(Arrays.asList("/e1", "/e2", "/e3")), digest);
        txn(out, ZooDefs.OpCode.closeSession, new CloseSessionTxn(new ArrayList<>()), digest);
        txn(out, ZooDefs.OpCode.closeSession, new CloseSessionTxn(null), null);
        txn(out, ZooDefs.OpCode.closeSession, null, null);
        txn(out, ZooDefs.OpCode.error, new ErrorTxn(-101), digest);
        txn(out, ZooDefs.OpCode.multi, new MultiTxn(new ArrayList<>()), digest);
        txn(out, ZooDefs.OpCode.multi, new MultiTxn(Arrays.asList(
            sub(ZooDefs.OpCode.check, new CheckVersionTxn("/b", 5)),
            sub(ZooDefs.OpCode.create, new CreateTxn("/m", data, open, true, 9)),
            sub(ZooDefs.OpCode.create2, new CreateTxn("/m/2", null, two, false, 10)),
            sub(ZooDefs.OpCode.createTTL, new CreateTTLTxn("/m/t", data, open, 11, 1)),
            sub(ZooDefs.OpCode.createContainer, new CreateContainerTxn("/m/c", data, open, 12)),
            sub(ZooDefs.OpCode.setData, new SetDataTxn("/m", data, 1)),
            sub(ZooDefs.OpCode.delete, new DeleteTxn("/m/2")),
            sub(ZooDefs.OpCode.deleteContainer, new DeleteTxn("/m/c")))), digest);
        txn(out, ZooDefs.OpCode.multi, new MultiTxn(Arrays.asList(
            sub(ZooDefs.OpCode.error, new ErrorTxn(0)),
            sub(ZooDefs.OpCode.error, new ErrorTxn(-103)),
            sub(ZooDefs.OpCode.error, new ErrorTxn(-2)))), null);
    }

    private static final int HEADER_BYTES = 32;
    private static final Random damage = new Random(4);
    private static int written = 0;

    private static void txn(PrintStream out, int type, Record record, TxnDigest digest) throws Exception {
        TxnHeader header = new TxnHeader(0x1000000ab0000L, 17 + written, (5L << 32) + written, 1700000000000L, type);
        written++;
        byte[] bytes = Util.marshallTxnEntry(header, record, digest);
        TxnLogEntry entry = SerializeUtils.deserializeTxn(bytes);
        StringBuilder prefixes = new StringBuilder();
        for (int length = 0; length <= bytes.length; length++) {
            prefixes.append(outcome(Arrays.copyOf(bytes, length)));
        }
        // A multi's operations are decoded only when it is applied, so its damage does not show here.
        StringBuilder damaged = new StringBuilder();
        for (int i = 0; i < 60 && bytes.length > HEADER_BYTES && type != ZooDefs.OpCode.multi; i++) {
            byte[] copy = bytes.clone();
            int at = HEADER_BYTES + damage.nextInt(bytes.length - HEADER_BYTES);
            copy[at] = (byte) (i % 2 == 0 ? damage.nextInt(256) : damage.nextInt(32));
            damaged.append(i == 0 ? "" : ",").append("[" + at + "," + copy[at] + ",\"" + outcome(copy) + "\"]");
        }
        out.println("{\"header\":" + json(entry.getHeader()) + ",\"record\":" + json(entry.getTxn()) + ",\"digest\":"
            + json(entry.getDigest()) + ",\"prefixes\":\"" + prefixes + "\",\"damaged\":[" + damaged
            + "],\"bytes\":\"" + hex(bytes) + "\"}");
    }

    /** x: not readable. Otherwise r or n, with or without a record; in upper case with a digest. */
    private static char outcome(byte[] bytes) {
        try {
            TxnLogEntry entry = SerializeUtils.deserializeTxn(bytes);
            char found = entry.getTxn() == null ? 'n' : 'r';
            return entry.getDigest() == null ? found : Character.toUpperCase(found);
        } catch (IOException e) {
            return 'x';
        }
    }

    private static Txn sub(int type, Record record) throws IOException {
        return new Txn(type, serialize(record));
    }

    // Strings: bytes and the text that Java reads from them; text and the bytes that Java's jute writes for it.

    private static void strings(PrintStream out) throws Exception {
        int[] interesting = {
            0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbb, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed,
            0xed, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff,
        };
        Random random = new Random(1);
        for (int i = 0; i < 1500; i++) {
            byte[] bytes = new byte[1 + random.nextInt(i % 2 == 0 ? 6 : 16)];
            for (int k = 0; k < bytes.length; k++) {
                bytes[k] = (byte) interesting[random.nextInt(interesting.length)];
            }
            out.println("{\"bytes\":\"" + hex(bytes) + "\",\"read\":" + quote(readString(bytes)) + "}");
        }
        char[] units = {
            'a', 'z', 0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xfeff, 0xffff,
        };
        for (int i = 0; i < 300; i++) {
            StringBuilder text = new StringBuilder();
            for (int k = random.nextInt(12); k >= 0; k--) {
                text.append(units[random.nextInt(units.length)]);
            }
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            BinaryOutputArchive.getArchive(written).writeString(text.toString(), "text");
            byte[] bytes = Arrays.copyOfRange(written.toByteArray(), 4, written.size());
            out.println("{\"text\":" + quote(text.toString()) + ",\"bytes\":\"" + hex(bytes) + "\",\"read\":"
                + quote(readString(bytes)) + "}");
        }
    }

    private static String readString(byte[] bytes) throws IOException {
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        BinaryOutputArchive.getArchive(framed).writeBuffer(bytes, "text");
        return BinaryInputArchive.getArchive(new ByteArrayInputStream(framed.toByteArray())).readString("text");
    }

    // Paths: first which characters a name may not have, then verdicts on made-up paths.

    private static void paths(PrintStream out) {
        StringBuilder forbidden = new StringBuilder();
        for (int unit = 0; unit <= 0xffff; unit++) {
            boolean before = unit > 0 && verdict("/x" + (char) (unit - 1) + "x", false) != null;
            boolean now = verdict("/x" + (char) unit + "x", false) != null;
            if (now && !before) {
                forbidden.append(forbidden.length() == 0 ? "" : ",").append("[").append(unit);
            } else if (before && !now) {
                forbidden.append(",").append(unit - 1).append("]");
            }
        }
        out.println("{\"forbidden\":[" + forbidden + ",65535]]}");

        String[] pieces = {
            "/", "/", "/", ".", "..", "...", "a", "bc", " ", "\0", "\1", "\u001f", "~", "\u007f", "\u009f", "\u00a0",
            "\ud7ff", "\ud83d\ude00", "\uf8ff", "\uf900", "\uffef", "\ufff0", "\uffff",
        };
        Random random = new Random(2);
        for (int i = 0; i < 1000; i++) {
            StringBuilder path = new StringBuilder(i % 10 == 0 ? "" : "/");
            for (int k = random.nextInt(7); k > 0; k--) {
                // Mostly the first pieces, so that what decides is not always a forbidden character.
                path.append(pieces[random.nextInt(random.nextInt(4) == 0 ? pieces.length : 8)]);
            }
            out.println("{\"path\":" + quote(path.toString()) + ",\"reason\":" + quote(verdict(path.toString(), false))
                + ",\"sequential\":" + quote(verdict(path.toString(), true)) + "}");
        }
    }

    private static String verdict(String path, boolean sequential) {
        try {
            PathUtils.validatePath(path, sequential);
            return null;
        } catch (IllegalArgumentException e) {
            String message = e.getMessage();
            int cause = message.lastIndexOf("\" caused by ");
            return cause < 0 ? message : message.substring(cause + "\" caused by ".length());
        }
    }

    // Constants: names and numbers.

    private static void constants(PrintStream out) throws Exception {
        for (KeeperException.Code code : KeeperException.Code.values()) {
            constant(out, "error", code.name(), code.intValue());
        }
        for (Field field : ZooDefs.OpCode.class.getFields()) {
            constant(out, "opcode", field.getName(), field.getInt(null));
        }
        for (Field field : ZooDefs.Perms.class.getFields()) {
            constant(out, "perm", field.getName(), field.getInt(null));
        }
        for (Watcher.Event.EventType type : Watcher.Event.EventType.values()) {
            constant(out, "event", type.name(), type.getIntValue());
        }
        for (Watcher.Event.KeeperState state : Watcher.Event.KeeperState.values()) {
            constant(out, "state", state.name(), state.getIntValue());
        }
        for (Watcher.WatcherType type : Watcher.WatcherType.values()) {
            constant(out, "watcher", type.name(), type.getIntValue());
        }
        for (AddWatchMode mode : AddWatchMode.values()) {
            constant(out, "addWatch", mode.name(), mode.getMode());
        }
        for (CreateMode mode : CreateMode.values()) {
            constant(out, "createMode", mode.name() + (mode.isEphemeral() ? " ephemeral" : "")
                + (mode.isSequential() ? " sequential" : "") + (mode.isContainer() ? " container" : "")
                + (mode.isTTL() ? " ttl" : ""), mode.toFlag());
        }
        for (Field field : Class.forName("org.apache.zookeeper.server.quorum.Leader").getDeclaredFields()) {
            if (field.getType() == int.class && Modifier.isStatic(field.getModifiers())
                && Modifier.isFinal(field.getModifiers()) && field.getName().matches("[A-Z]+")) {
                field.setAccessible(true);
                constant(out, "packet", field.getName(), field.getInt(null));
            }
        }
        for (Field field : FourLetterCommands.class.getDeclaredFields()) {
            if (field.getType() == int.class) {
                field.setAccessible(true);
                constant(out, "word", FourLetterCommands.getCommandString(field.getInt(null)), field.getInt(null));
            }
        }
        for (int perms = 0; perms < 32; perms++) {
            constant(out, "perms", ZKUtil.getPermString(perms), perms);
        }
    }

    private static void constant(PrintStream out, String kind, String name, int value) {
        out.println("{\"kind\":\"" + kind + "\",\"name\":" + quote(name) + ",\"value\":" + value + "}");
    }

    // What is worked out of an id: passwords of sessions, hashes of users, kinds of owners, parts of zxids.

    private static void identities(PrintStream out) throws Exception {
        Method generatePasswd = ZooKeeperServer.class.getDeclaredMethod("generatePasswd", long.class);
        generatePasswd.setAccessible(true);
        ZooKeeperServer server = new ZooKeeperServer();
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            long id = i < LONGS.length ? LONGS[i] : random.nextLong();
            byte[] password = (byte[]) generatePasswd.invoke(server, id);
            out.println("{\"session\":\"" + id + "\",\"password\":\"" + hex(password) + "\"}");
        }
        for (String user : new String[] {
            "super:test", "a:", ":b", "u:p:q", "nobody", "", "caf\u00e9:\u4e2d", "\ud83d\ude00:x", "\ud800:lone",
        }) {
            out.println("{\"user\":" + quote(user) + ",\"id\":" + quote(DigestAuthenticationProvider.generateDigest(user))
                + "}");
        }
        for (int i = 0; i < 60; i++) {
            long owner = i < LONGS.length ? LONGS[i] : random.nextLong() >> random.nextInt(2) * 7;
            owners(out, i % 3 == 2 ? owner | 0xff00000000000000L : owner);
        }
        for (long ttl : new long[] {1, 1000, 0xffffffffffL}) {
            owners(out, EphemeralType.TTL.toEphemeralOwner(ttl));
        }
        for (long zxid : new long[] {0, 1, -1, 0xffffffffL, 1L << 32, (7L << 32) | 0xfffffffeL, (1L << 53) - 1}) {
            out.println("{\"zxid\":" + zxid + ",\"epoch\":" + ZxidUtils.getEpochFromZxid(zxid) + ",\"counter\":"
                + ZxidUtils.getCounterFromZxid(zxid) + ",\"text\":\"" + Long.toHexString(zxid) + "\"}");
        }
    }

    /** Kind and time to live of an owner with extended types off, with them on, and with 3.5.3's layout emulated too. */
    private static void owners(PrintStream out, long owner) {
        StringBuilder kinds = new StringBuilder();
        for (int mode = 0; mode < 3; mode++) {
            System.setProperty("zookeeper.extendedTypesEnabled", String.valueOf(mode > 0));
            System.setProperty("zookeeper.emulate353TTLNodes", String.valueOf(mode > 1));
            String kind;
            try {
                kind = EphemeralType.get(owner).name();
            } catch (IllegalArgumentException e) {
                kind = "INVALID";
            }
            kinds.append(mode == 0 ? "\"" : ",\"").append(kind).append("\"");
        }
        out.println("{\"owner\":\"" + owner + "\",\"kinds\":[" + kinds + "],\"ttl\":"
            + EphemeralType.TTL.getValue(owner) + "}");
    }

    // JSON.

    private static String json(Object value) throws IllegalAccessException {
        if (value == null) {
            return "null";
        } else if (value instanceof Long) {
            return "\"" + value + "\"";
        } else if (value instanceof Integer || value instanceof Boolean) {
            return value.toString();
        } else if (value instanceof String) {
            return quote((String) value);
        } else if (value instanceof byte[]) {
            return "\"" + hex((byte[]) value) + "\"";
        }
        StringBuilder text = new StringBuilder();
        if (value instanceof List) {
            for (Object element : (List<?>) value) {
                text.append(text.length() == 0 ? "" : ",").append(json(element));
            }
            return "[" + text + "]";
        }
        for (Field field : fields(value.getClass())) {
            text.append(text.length() == 0 ? "" : ",").append(quote(field.getName())).append(":");
            text.append(json(field.get(value)));
        }
        return "{" + text + "}";
    }

    private static String quote(String text) {
        if (text == null) {
            return "null";
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (char unit : text.toCharArray()) {
            if (unit == '"' || unit == '\\' || unit < 0x20 || unit > 0x7e) {
                quoted.append(String.format("\\u%04x", (int) unit));
            } else {
                quoted.append(unit);
            }
        }
        return quoted.append('"').toString();
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte each : bytes) {
            text.append(String.format("%02x", each));
        }
        return text.toString();
    }
}
