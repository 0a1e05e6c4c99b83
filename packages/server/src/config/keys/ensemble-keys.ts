import { fileKey, jvmKey, type Key, propertyKey } from '../key.ts'
import { decimal, int, long, looseBool, oneOf, onUnless, optional, path, strictBool, text } from '../value-type.ts'

const ensemble = { support: 'ensemble' } as const

/** What a member of an ensemble obeys. To a server that stands alone they mean nothing, as in Java. */
export const memberKeys = {
  initLimit: fileKey('initLimit', int(), 0, 'Ticks to connect to the leader and sync.'),
  syncLimit: fileKey('syncLimit', int(), 0, 'Ticks a learner may lag behind.'),
  connectToLearnerMasterLimit: fileKey(
    'connectToLearnerMasterLimit',
    int(),
    0,
    'Ticks to connect after an election; 0: initLimit.',
  ),
  quorumListenOnAllIps: fileKey('quorumListenOnAllIPs', strictBool, false, 'Listen for peers on all addresses.'),
  commitLogCount: propertyKey('commitLogCount', int(), 500, 'Transactions kept in memory for learners.', {
    floor: 500,
  }),
  snapshotSizeFactor: propertyKey(
    'snapshotSizeFactor',
    decimal(-Infinity, 1),
    0.33,
    'Log to send instead of a snapshot, by size.',
  ),
  dbAutocreate: propertyKey('db.autocreate', looseBool, true, 'An empty server may join.'),
  ackTimingFrequency: propertyKey(
    'leader.ackLoggingFrequency',
    int(),
    1000,
    'Every so many transactions the acks of one are timed; 0: of none.',
  ),
  quorumTcpKeepAlive: propertyKey('tcpKeepAlive', looseBool, false, 'TCP keep-alive between servers.'),
  leaderServes: propertyKey('leaderServes', onUnless('no', 'yes'), true, 'The leader takes clients.'),
  electionConnectTimeoutMs: propertyKey('cnxTimeout', int(), 5000, 'Time in ms to open election connections.'),
  electionGreetingTimeoutMs: propertyKey(
    'quorumCnxnTimeoutMs',
    int(),
    -1,
    'Read timeout of election connections; -1: syncLimit ticks.',
  ),
  electionPortBindRetry: propertyKey(
    'electionPortBindRetry',
    int(),
    3,
    'Attempts to bind the election port; 0: for ever.',
  ),
  minNotificationIntervalMs: propertyKey(
    'fastleader.minNotificationInterval',
    int(),
    200,
    'First wait in an election in ms.',
  ),
  maxNotificationIntervalMs: propertyKey(
    'fastleader.maxNotificationInterval',
    int(),
    60_000,
    'Longest wait in an election in ms.',
  ),
  maxTimeToWaitForEpochMs: propertyKey(
    'leader.maxTimeToWaitForEpoch',
    int(),
    -1,
    'Time in ms for followers to arrive; -1: initLimit.',
  ),
  maxConcurrentSnapSyncs: propertyKey(
    'leader.maxConcurrentSnapSyncs',
    int(),
    10,
    'Learners that get a snapshot at once.',
    {
      aliases: ['maxConcurrentSnapSyncs'],
    },
  ),
  maxConcurrentDiffSyncs: propertyKey(
    'leader.maxConcurrentDiffSyncs',
    int(),
    100,
    'Learners that get a diff at once.',
    {
      aliases: ['maxConcurrentDiffSyncs'],
    },
  ),
  leaderConnectDelayMs: propertyKey(
    'leaderConnectDelayDuringRetryMs',
    int(),
    100,
    'Wait between attempts to reach the leader.',
  ),
  observerReconnectDelayMs: propertyKey(
    'observer.reconnectDelayMs',
    long(),
    0,
    'Wait before an observer connects again.',
  ),
  observerElectionDelayMs: propertyKey(
    'observer.election.DelayMs',
    long(),
    200,
    'Wait before an observer looks for a leader.',
  ),
  observerMasterPort: fileKey('observerMasterPort', int(), 0, 'Port where followers serve observers; 0: none.'),
  localSessionsEnabled: fileKey('localSessionsEnabled', strictBool, false, 'Sessions that only one server knows.'),
  localSessionsUpgradingEnabled: fileKey(
    'localSessionsUpgradingEnabled',
    strictBool,
    false,
    'Make them known to all when they need it.',
  ),
  oraclePath: fileKey('oraclePath', optional(path), null, 'File that lets one of two voters go on alone: 1 if it may.'),
  dynamicConfigFile: fileKey('dynamicConfigFile', optional(path), null, 'File that names the servers.'),
  standaloneEnabled: fileKey('standaloneEnabled', strictBool, true, 'A single server is no ensemble.'),
  multiAddressEnabled: propertyKey('multiAddress.enabled', strictBool, false, 'Servers may have several addresses.'),
  reachabilityCheckEnabled: propertyKey(
    'multiAddress.reachabilityCheckEnabled',
    strictBool,
    true,
    'Look whether the address in use still works.',
  ),
  reachabilityCheckTimeoutMs: propertyKey(
    'multiAddress.reachabilityCheckTimeoutMs',
    int(),
    1000,
    'Time for that in ms.',
  ),
  initialCounter: propertyKey(
    'testingonly.initialZxid',
    optional(long(0, 0xffff_ffff)),
    null,
    'For tests: where the counter of an epoch begins. Servers may not start again on the logs of such an epoch.',
  ),
  forceSnapshotSync: propertyKey('forceSnapshotSync', looseBool, false, 'For tests: learners always get a snapshot.'),
} as const

/** What only a member of an ensemble would obey. */
export const otherEnsembleKeys: readonly Key<unknown>[] = [
  fileKey('electionAlg', int(3, 3), 3, 'The election algorithm.', ensemble),
  fileKey('peerType', oneOf(['participant', 'observer'], false), 'participant', 'What this server is.', ensemble),
  fileKey('syncEnabled', strictBool, true, 'Observers log and take snapshots too.', ensemble),
  propertyKey('observer.syncEnabled', looseBool, true, 'As syncEnabled, and stronger.', ensemble),
  fileKey('quorum.cnxn.threads.size', int(), 20, 'Threads for connections between servers.', ensemble),
  propertyKey('enableEagerACLCheck', looseBool, false, 'Learners check the ACL before they forward a write.', ensemble),
  propertyKey('learner.asyncSending', looseBool, false, 'Learners send in the background.', {
    ...ensemble,
    aliases: ['learnerAsyncSending'],
  }),
  propertyKey('learner.closeSocketAsync', looseBool, false, 'Learners close in the background.', {
    ...ensemble,
    aliases: ['learnerCloseSocketAsync'],
  }),
  propertyKey('leader.closeSocketAsync', looseBool, false, 'The leader closes in the background.', {
    ...ensemble,
    aliases: ['leaderCloseSocketAsync'],
  }),
  propertyKey('observerMaster.sizeLimit', int(), 33_554_432, 'Bytes kept for observers.', ensemble),
  propertyKey('forward_learner_requests_to_commit_processor_disabled', looseBool, false, 'Of followers.', ensemble),
  propertyKey('follower.skipLearnerRequestToNextProcessor', looseBool, false, 'Of followers.', ensemble),
  jvmKey('leader.nodelay', looseBool, true, 'TCP_NODELAY towards followers.', ensemble),
  jvmKey('follower.nodelay', looseBool, true, 'TCP_NODELAY towards the leader.', ensemble),
  propertyKey('test.allowDiscontinuousProposals', looseBool, false, 'For tests.', ensemble),
  propertyKey('controllerPort', optional(text), null, 'For tests.', ensemble),
]
