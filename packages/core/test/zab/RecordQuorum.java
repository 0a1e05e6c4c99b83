package org.apache.zookeeper.server.quorum;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.jute.BinaryOutputArchive;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.server.DumbWatcher;
import org.apache.zookeeper.server.Request;
import org.apache.zookeeper.server.RequestRecord;
import org.apache.zookeeper.server.ZKDatabase;
import org.apache.zookeeper.server.quorum.Leader.Proposal;
import org.apache.zookeeper.server.quorum.auth.QuorumAuthServer;
import org.apache.zookeeper.txn.SetDataTxn;
import org.apache.zookeeper.txn.TxnHeader;

/**
 * Records packets as Apache's Learner, Leader and Jute's classes write them, and how Apache's LearnerHandler decides to
 * synchronize learners with random histories. Compile and run with the jars of Apache ZooKeeper 3.9.5 on the class path;
 * the argument is the file to write, quorum.recording.
 */
public class RecordQuorum {
    static final List<Object> packets = new ArrayList<>();

    static void packet(String name, byte[] bytes) {
        packets.add(Arrays.asList(name, HexFormat.of().formatHex(bytes)));
    }

    static byte[] bytesOf(QuorumPacket packet) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryOutputArchive.getArchive(bytes).writeRecord(packet, "packet");
        return bytes.toByteArray();
    }

    static byte[] longOf(long... values) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (long value : values) {
            out.writeLong(value);
        }
        return bytes.toByteArray();
    }

    /** Writes to memory what it would write to its leader. */
    static class RecordedLearner extends Learner {
        final ByteArrayOutputStream sent = new ByteArrayOutputStream();

        RecordedLearner() {
            bufferedOutput = new BufferedOutputStream(sent);
            leaderOs = BinaryOutputArchive.getArchive(bufferedOutput);
        }

        byte[] take() {
            byte[] bytes = sent.toByteArray();
            sent.reset();
            return bytes;
        }
    }

    static byte[] txn(long zxid) throws Exception {
        TxnHeader header = new TxnHeader(0x100a1b2c3d4e5f6L, 7, zxid, 1721234567890L, OpCode.setData);
        byte[] data = "x".getBytes(StandardCharsets.UTF_8);
        SetDataTxn record = new SetDataTxn("/a", data, 3);
        return new Request(header.getClientId(), 7, OpCode.setData, header, record, zxid).getSerializeData();
    }

    static void recordPackets() throws Exception {
        ByteArrayOutputStream info = new ByteArrayOutputStream();
        BinaryOutputArchive.getArchive(info).writeRecord(new LearnerInfo(3, 0x10000, 0x100000002L), "LearnerInfo");
        packet("FOLLOWERINFO", bytesOf(new QuorumPacket(Leader.FOLLOWERINFO, 5L << 32, info.toByteArray(), null)));
        packet("OBSERVERINFO", bytesOf(new QuorumPacket(Leader.OBSERVERINFO, -1L << 32, info.toByteArray(), null)));
        packet("LEADERINFO", bytesOf(new QuorumPacket(Leader.LEADERINFO, 6L << 32, new byte[] {0, 1, 0, 0}, null)));
        packet("ACKEPOCH", bytesOf(new QuorumPacket(Leader.ACKEPOCH, 0x500000009L, new byte[] {-1, -1, -1, -1}, null)));
        packet("UPTODATE", bytesOf(new QuorumPacket(Leader.UPTODATE, -1, null, null)));
        packet("PROPOSAL", bytesOf(new QuorumPacket(Leader.PROPOSAL, 0x600000001L, txn(0x600000001L), null)));
        packet("COMMIT", bytesOf(new QuorumPacket(Leader.COMMIT, 0x600000001L, null, null)));
        packet("COMMITANDACTIVATE", bytesOf(new QuorumPacket(Leader.COMMITANDACTIVATE, 0x600000001L, longOf(2), null)));
        packet("INFORMANDACTIVATE", bytesOf(Leader.buildInformAndActivePacket(0x600000001L, 2, txn(0x600000001L))));
        packet("REVALIDATED", bytesOf(new QuorumPacket(Leader.REVALIDATE, -1, HexFormat.of().parseHex("0100a1b2c3d4e5f601"), null)));
        RecordedLearner learner = new RecordedLearner();
        Request request = new Request(null, 0x100a1b2c3d4e5f6L, 9, OpCode.setData, RequestRecord.fromBytes(new byte[] {1, 2, 3}),
            Arrays.asList(new Id("ip", "127.0.0.1"), new Id("digest", "a\u00e9:b")));
        learner.request(request);
        packet("REQUEST", learner.take());
        learner.validateSession(new DumbWatcher(), 0x100a1b2c3d4e5f6L, 30000);
        packet("REVALIDATE", learner.take());
        learner.writePacket(new QuorumPacket(Leader.ACK, 6L << 32, null, null), true);
        packet("ACK", learner.take());
    }

    static class Database extends ZKDatabase {
        final LinkedList<Proposal> committed = new LinkedList<>();
        final LinkedList<Proposal> logged = new LinkedList<>();
        final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        long lastProcessed;

        Database() {
            super(null);
        }

        @Override
        public long getDataTreeLastProcessedZxid() {
            return lastProcessed;
        }

        @Override
        public long getmaxCommittedLog() {
            return committed.isEmpty() ? 0 : committed.getLast().getZxid();
        }

        @Override
        public long getminCommittedLog() {
            return committed.isEmpty() ? 0 : committed.getFirst().getZxid();
        }

        @Override
        public Collection<Proposal> getCommittedLog() {
            return committed;
        }

        @Override
        public ReentrantReadWriteLock getLogLock() {
            return lock;
        }

        @Override
        public long calculateTxnLogSizeLimit() {
            return 1;
        }

        /** From a file's beginning on, as when files are read. */
        @Override
        public Iterator<Proposal> getProposalsFromTxnLog(long zxid, long limit) {
            boolean known = !logged.isEmpty() && logged.getFirst().getZxid() <= zxid;
            return known ? logged.iterator() : Collections.emptyIterator();
        }
    }

    static class Master extends LearnerMaster {
        final Database database;
        long forwardedFrom;

        Master(Database database) {
            this.database = database;
        }

        @Override
        ZKDatabase getZKDatabase() {
            return database;
        }

        @Override
        long startForwarding(LearnerHandler handler, long zxid) {
            forwardedFrom = zxid;
            return 0;
        }

        @Override void addLearnerHandler(LearnerHandler handler) { }
        @Override void removeLearnerHandler(LearnerHandler handler) { }
        @Override void waitForEpochAck(long sid, StateSummary summary) { }
        @Override void waitForStartup() { }
        @Override long getEpochToPropose(long sid, long epoch) { return 0; }
        @Override void waitForNewLeaderAck(long sid, long zxid) { }
        @Override long getLastProposed() { return 0; }
        @Override int getCurrentTick() { return 0; }
        @Override int syncTimeout() { return 0; }
        @Override int getTickOfNextAckDeadline() { return 0; }
        @Override int getTickOfInitialAckDeadline() { return 0; }
        @Override long getAndDecrementFollowerCounter() { return 0; }
        @Override void processAck(long sid, long zxid, SocketAddress address) { }
        @Override void touch(long session, int timeout) { }
        @Override void revalidateSession(QuorumPacket packet, LearnerHandler handler) { }
        @Override void submitLearnerRequest(Request request) { }
        @Override long getQuorumVerifierVersion() { return 0; }
        @Override String getPeerInfo(long sid) { return ""; }
        @Override byte[] getQuorumVerifierBytes() { return null; }
        @Override QuorumAuthServer getQuorumAuthServer() { return null; }
        @Override void registerLearnerHandlerBean(LearnerHandler handler, Socket socket) { }
        @Override void unregisterLearnerHandlerBean(LearnerHandler handler) { }
    }

    static class Handler extends LearnerHandler {
        Handler(Master master) throws Exception {
            super(new Socket(), new BufferedInputStream(new ByteArrayInputStream(new byte[0])), master);
        }

        @Override
        protected boolean shouldSendMarkerPacketForLogging() {
            return false;
        }
    }

    static Proposal proposal(long zxid) {
        return new Proposal(new QuorumPacket(Leader.PROPOSAL, zxid, null, null));
    }

    static Object decide(Random random) throws Exception {
        List<Long> history = new ArrayList<>();
        long epoch = 1 + random.nextInt(2);
        for (int epochs = random.nextInt(4); epochs > 0; epochs--, epoch += 1 + random.nextInt(2)) {
            long counters = 1 + random.nextInt(5);
            for (long counter = 1; counter <= counters; counter++) {
                history.add((epoch << 32) + counter);
            }
        }
        Database database = new Database();
        int kept = history.isEmpty() ? 0 : random.nextInt(history.size() + 1);
        for (long zxid : history.subList(history.size() - kept, history.size())) {
            database.committed.add(proposal(zxid));
        }
        long last = history.isEmpty() ? 0 : history.get(history.size() - 1);
        database.lastProcessed = random.nextInt(3) == 0 ? epoch << 32 : last;
        int from = history.isEmpty() ? 0 : random.nextInt(history.size());
        int to = random.nextInt(3) == 0 ? from + random.nextInt(history.size() - from + 1) : history.size();
        for (long zxid : history.subList(from, to)) {
            database.logged.add(proposal(zxid));
        }
        long peer;
        switch (random.nextInt(4)) {
            case 0:
                peer = history.isEmpty() ? 0 : history.get(random.nextInt(history.size()));
                break;
            case 1:
                peer = (long) random.nextInt((int) epoch + 1) << 32;
                break;
            case 2:
                peer = database.lastProcessed;
                break;
            default:
                peer = ((long) random.nextInt((int) epoch + 1) << 32) + random.nextInt(8);
                break;
        }
        Master master = new Master(database);
        Handler handler = new Handler(master);
        boolean snapshot = handler.syncFollower(peer, master);
        List<Object> sent = new ArrayList<>();
        for (QuorumPacket packet : handler.queuedPackets) {
            sent.add(Arrays.asList(packet.getType(), packet.getZxid()));
        }
        Map<String, Object> decision = new LinkedHashMap<>();
        decision.put("peer", peer);
        decision.put("last", database.lastProcessed);
        decision.put("committed", history.subList(history.size() - kept, history.size()));
        decision.put("logged", history.subList(from, to));
        decision.put("snapshot", snapshot);
        decision.put("forwardedFrom", master.forwardedFrom);
        decision.put("sent", sent);
        return decision;
    }

    public static void main(String[] arguments) throws Exception {
        recordPackets();
        Random random = new Random(5);
        List<Object> decisions = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            decisions.add(decide(random));
        }
        Map<String, Object> recording = new LinkedHashMap<>();
        recording.put("packets", packets);
        recording.put("decisions", decisions);
        new ObjectMapper().writeValue(new File(arguments[0]), recording);
    }
}
