import { fileKey, type Key, propertyKey } from '../key.ts'
import {
  decimal,
  int,
  list,
  long,
  looseBool,
  oneOf,
  onUnless,
  optional,
  port,
  strictBool,
  text,
} from '../value-type.ts'

const METRICS = 'org.apache.zookeeper.metrics'
/** The metrics providers that ship with ZooKeeper; any other is an error. */
export const METRICS_PROVIDERS = {
  default: `${METRICS}.impl.DefaultMetricsProvider`,
  none: `${METRICS}.impl.NullMetricsProvider`,
  prometheus: `${METRICS}.prometheus.PrometheusMetricsProvider`,
} as const

/** The admin server, and where metrics go. */
export const monitoringKeys = {
  auditEnabled: propertyKey('audit.enable', looseBool, false, 'Write down who changes what.'),
  auditFile: propertyKey('audit.file', optional(text), null, 'Where; among the other messages unless set.'),
  auditFormat: propertyKey('audit.format', oneOf(['text', 'json']), 'text', 'How that file is written.'),
  metricsProvider: fileKey(
    'metricsProvider.className',
    oneOf(Object.values(METRICS_PROVIDERS)),
    METRICS_PROVIDERS.default,
    'Where metrics go: to mntr, nowhere, or to mntr and Prometheus.',
  ),
  pauseMonitorEnabled: fileKey('jvm.pause.monitor', strictBool, false, 'Log and count pauses of the process.'),
  pauseMonitorWarnMs: fileKey('jvm.pause.warn-threshold.ms', long(), 10_000, 'Pause in ms of the process to warn of.'),
  pauseMonitorInfoMs: fileKey('jvm.pause.info-threshold.ms', long(), 1000, 'Pause in ms of the process to mention.'),
  pauseMonitorSleepMs: fileKey(
    'jvm.pause.sleep.time.ms',
    long(),
    500,
    'How often in ms to look for pauses of the process.',
    { floor: 10 },
  ),
  metricsHttpHost: fileKey('metricsProvider.httpHost', text, '0.0.0.0', 'Address for Prometheus.'),
  metricsHttpPort: fileKey('metricsProvider.httpPort', port, 7000, 'Port for Prometheus.'),
  metricsOfProcess: fileKey(
    'metricsProvider.exportJvmInfo',
    strictBool,
    true,
    'Metrics of the process for Prometheus.',
  ),
  adminServerEnabled: propertyKey('admin.enableServer', onUnless('false', 'true'), true, 'The HTTP admin server.'),
  adminServerPort: propertyKey('admin.serverPort', port, 8080, 'Port of the HTTP admin server.'),
  adminServerAddress: propertyKey(
    'admin.serverAddress',
    text,
    '0.0.0.0',
    'Address of the HTTP admin server; 127.0.0.1 if it is not set.',
  ),
  adminIdleTimeoutMs: propertyKey(
    'admin.idleTimeout',
    int(),
    30_000,
    'Idle time in ms of connections to the admin server.',
  ),
  adminPortUnification: propertyKey(
    'admin.portUnification',
    looseBool,
    false,
    'The admin server takes TLS connections, too, with the stores of ssl.quorum.',
  ),
  adminForceHttps: propertyKey('admin.forceHttps', looseBool, false, 'The admin server takes TLS connections only.'),
  adminNeedClientAuth: propertyKey(
    'admin.needClientAuth',
    looseBool,
    false,
    'Who comes to the admin server over TLS needs a certificate.',
  ),
  adminCommandUrl: propertyKey('admin.commandURL', text, '/commands', 'Path of the commands of the admin server.'),
  adminRateLimiterIntervalMs: propertyKey(
    'admin.rateLimiterIntervalInMS',
    int(),
    300_000,
    'Time in ms between restores by the admin server; between snapshots a thousandth of it, as in Java.',
  ),
  adminRestoreEnabled: propertyKey(
    'admin.restore.enabled',
    looseBool,
    true,
    'The command restore of the admin server.',
  ),
  adminSnapshotEnabled: propertyKey(
    'admin.snapshot.enabled',
    looseBool,
    true,
    'The command snapshot of the admin server.',
  ),
  adminTrustedProxies: propertyKey(
    'admin.trustedProxies',
    list,
    [],
    'Addresses of the proxies whose X-Forwarded-For counts, where IPAuthenticationProvider.usexforwardedfor=true; empty: any, but one at most.',
  ),
  adminGateway: propertyKey(
    'admin.gateway',
    oneOf(['loopback', 'always', 'off']),
    'loopback',
    "The console and the HTTP API on the admin server's port: only if it listens on a loopback address, always, or never.",
  ),
  adminGatewayHosts: propertyKey(
    'admin.gateway.allowedHosts',
    list,
    [],
    "Names by which browsers may call these, besides addresses, localhost and this machine's name.",
  ),
  pathStatsEnabled: propertyKey('pathStats.enabled', looseBool, false, 'Log which paths are read and written most.'),
  pathStatsSlots: propertyKey('pathStats.slotCapacity', int(1), 60, 'Slots of time that these statistics are of.'),
  pathStatsSlotSeconds: propertyKey('pathStats.slotDuration', int(1), 15, 'Seconds in such a slot.'),
  pathStatsMaxDepth: propertyKey(
    'pathStats.maxDepth',
    int(1),
    6,
    'How many parts of a path count for them; those beyond the fourth never do.',
  ),
  pathStatsSampleRate: propertyKey('pathStats.sampleRate', decimal(0, 1), 0.1, 'Share of the requests in them.'),
  pathStatsInitialDelayMinutes: propertyKey('pathStats.initialDelay', long(0), 5, 'Minutes until they are logged.'),
  pathStatsDelayMinutes: propertyKey('pathStats.delay', long(1), 5, 'Minutes until they are logged again.'),
  pathStatsMostPaths: propertyKey('pathStats.topPathMax', int(0), 20, 'How many paths of reads, and of writes.'),
} as const

/** Audit, and the watching of the server itself. */
export const laterMonitoringKeys: readonly Key<unknown>[] = [
  fileKey('metricsProvider.numWorkerThreads', int(), 1, 'Threads that record metrics.', { support: 'inert' }),
  fileKey('metricsProvider.maxQueueSize', int(), 1_000_000, 'Metrics waiting to be recorded.', { support: 'inert' }),
  fileKey('metricsProvider.workerShutdownTimeoutMs', long(), 1000, 'Time for those threads to end.', {
    support: 'inert',
  }),
  propertyKey('audit.impl.class', text, 'org.apache.zookeeper.audit.Slf4jAuditLogger', 'What writes the audit log.', {
    support: 'missing',
    instead: 'a class of Java cannot be loaded, and the audit log goes where audit.file and audit.format say',
  }),
  propertyKey('admin.httpVersion', int(), 11, 'HTTP version of the admin server: 11 is HTTP/1.1.', {
    support: 'missing',
    instead: 'the admin server speaks HTTP/1.1, as the only version that Java has for it',
  }),
  propertyKey('messageTracker.BufferSize', int(), 10, 'Messages remembered of each peer.', { support: 'ensemble' }),
  propertyKey('messageTracker.Enabled', looseBool, false, 'Remember messages of peers.', { support: 'ensemble' }),
]
