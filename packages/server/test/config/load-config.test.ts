import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { type ConfigOverrides, type LoadedConfig, loadConfig } from '../../dist/config/load-config.js'
import { createServerConfig, type ServerConfig } from '../../dist/config/server-config.js'

const BASE = 'dataDir=/data\nclientPort=2181\n'

const load = (text: string, overrides?: ConfigOverrides): LoadedConfig =>
  loadConfig({ path: 'zoo.cfg', text }, overrides)
const said = ({ messages }: LoadedConfig): string[] =>
  messages.map(({ level, place, text }) => `${level} ${place === null ? '' : `${place}: `}${text}`)

/** What a configuration says beyond Java's defaults. */
function changed(config: ServerConfig | null): Partial<ServerConfig> {
  assert.ok(config)
  const { configFile, initialConfig, ...rest } = config
  const defaults: Record<string, unknown> = { ...createServerConfig({}) }
  return Object.fromEntries(Object.entries(rest).filter(([field, value]) => !isDeepStrictEqual(value, defaults[field])))
}

const DATA = { dataDir: '/data', dataLogDir: '/data', clientPort: 2181 }

const ACCEPTED: readonly (readonly [lines: string, fields: Partial<ServerConfig>])[] = [
  ['', {}],
  ['dataLogDir=/logs', { dataLogDir: '/logs' }],
  ['clientPort=0', { clientPort: 0 }],
  ['tickTime=2000', { tickTimeMs: 2000, minSessionTimeoutMs: 4000, maxSessionTimeoutMs: 40_000 }],
  ['minSessionTimeout=1\nmaxSessionTimeout=60001', { minSessionTimeoutMs: 1, maxSessionTimeoutMs: 60_001 }],
  ['maxClientCnxns=0', { maxClientCnxns: 0 }],
  ['maxClientCnxns = +7', { maxClientCnxns: 7 }],
  ['clientPortAddress= localhost', { clientPortAddress: 'localhost' }],
  ['preAllocSize=64', { preAllocSizeBytes: 65_536 }],
  ['snapSizeLimitInKb=-1', { snapSizeLimitBytes: -1 }],
  ['snapSizeLimitInKb=0x10', { snapSizeLimitBytes: 16_384 }],
  ['txnLogSizeLimitInKb=2', { txnLogSizeLimitBytes: 2048 }],
  ['reconfigEnabled=TRUE', { reconfigEnabled: true }],
  ['extendedTypesEnabled=True', { extendedTypesEnabled: true }],
  ['forceSync=no', { forceSync: false }],
  ['skipACL=yes', { skipAcl: true }],
  ['digest.enabled=false', { digestEnabled: false }],
  ['autopurge.purgeInterval=24\nautopurge.snapRetainCount=5', { purgeIntervalHours: 24, snapRetainCount: 5 }],
  ['connection_throttle_drop_increase=0.5', { connectionThrottleDropIncrease: 0.5 }],
  ['snapshot.compression.method=gz', { snapshotCompression: 'gz' }],
  ['flushDelay=10', { flushDelayMs: 10, maxWriteQueuePollTimeMs: 3 }],
  ['flushDelay=10\nmaxWriteQueuePollTime=0', { flushDelayMs: 10 }],
  ['maxBatchSize=0', { maxBatchSize: 0 }],
  ['request_throttler.shutdownTimeout=1', { requestThrottlerShutdownTimeoutMs: 1 }],
  ['jute.maxbuffer.extrasize=5', { juteExtraSizeBytes: 1024 }],
  ['log.level=DEBUG', { logLevel: 'debug' }],
  // Names that Java does not take from a zoo.cfg.
  ['jute.maxbuffer=100', { juteMaxBufferBytes: 100, juteExtraSizeBytes: 1024 }],
  ['readonlymode.enabled=true', { readOnlyModeEnabled: true }],
  ['znode.container.checkIntervalMs=5', { containerCheckIntervalMs: 5 }],
  // Names of the administrator's guide.
  ['connectionMaxTokens=9', { connectionThrottleTokens: 9 }],
  // Tokens are meant for new sessions, and no session may cost less than a local one.
  [
    'connection_throttle_weight_enabled=true\nconnection_throttle_tokens=10\nconnection_throttle_local_session_weight=4',
    {
      connectionThrottleWeightEnabled: true,
      connectionThrottleTokens: 40,
      connectionThrottleFillCount: 4,
      connectionThrottleGlobalSessionWeight: 4,
      connectionThrottleRenewSessionWeight: 4,
      connectionThrottleLocalSessionWeight: 4,
    },
  ],
  ['authProvider.1=org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider', { ensembleAuthEnabled: true }],
  ['authProvider.1=org.apache.zookeeper.server.auth.DigestAuthenticationProvider', {}],
  // What only an ensemble looks at is no matter here.
  [
    'initLimit=10\nsyncLimit=5\nleader.maxConcurrentSnapSyncs=3',
    { initLimit: 10, syncLimit: 5, maxConcurrentSnapSyncs: 3 },
  ],
  ['localSessionsEnabled=true\nreconfigEnabled=true', { localSessionsEnabled: true, reconfigEnabled: true }],
  [
    'secureClientPort=2281\nssl.keyStore.location=/k\nssl.clientAuth=NONE\nssl.enabledProtocols=TLSv1.3, TLSv1.2',
    {
      secureClientPort: 2281,
      clientTlsKeyStoreLocation: '/k',
      clientTlsClientAuth: 'none',
      clientTlsEnabledProtocols: ['TLSv1.3', 'TLSv1.2'],
    },
  ],
  [
    'sessionRequireClientSASLAuth=true\nsuperUser=a\nsuperUser.other=b',
    { sessionRequiresSasl: true, requiredSchemes: ['sasl'], saslSuperUser: 'a', saslSuperUsers: new Set(['b', 'a']) },
  ],
  ['authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider', { saslAuthEnabled: true }],
  ['authProvider.x=org.apache.zookeeper.server.auth.X509AuthenticationProvider', { x509AuthEnabled: true }],
  ['admin.enableServer=false', { adminServerEnabled: false }],
]

for (const [lines, fields] of ACCEPTED) {
  test(`zoo.cfg: ${lines.replaceAll('\n', ', ') || 'nothing but what must be'}`, () => {
    const loaded = load(`${BASE}${lines}`)
    assert.deepEqual(
      said(loaded).filter((line) => !line.includes('is lost')),
      [],
    )
    assert.deepEqual(changed(loaded.config), { ...DATA, ...fields })
  })
}

const MEMBERS = 'initLimit=5\nsyncLimit=2\nserver.1=a:1:2\nserver.2=b:1:2\n'

const REFUSED: readonly (readonly [lines: string, message: RegExp])[] = [
  ['tickTime=0', /^error zoo\.cfg:3: tickTime: "0" is not allowed: it must be a whole number from 1$/],
  ['tickTime=2s', /^error zoo\.cfg:3: tickTime: "2s" is not allowed/],
  ['tickTime=', /^error zoo\.cfg:3: tickTime: "" is not allowed/],
  ['maxClientCnxns=2147483648', /^error zoo\.cfg:3: maxClientCnxns/],
  [
    'clientPort=65536',
    /^error zoo\.cfg:3: clientPort: "65536" is not allowed: it must be a whole number from 0 to 65535$/,
  ],
  ['reconfigEnabled=yes', /^error zoo\.cfg:3: reconfigEnabled: "yes" is not allowed: it must be true or false$/],
  ['electionAlg=1', /^error zoo\.cfg:3: electionAlg/],
  ['peerType=leader', /^error zoo\.cfg:3: peerType.*one of participant, observer/],
  ['snapshot.compression.method=zip', /^error zoo\.cfg:3: snapshot\.compression\.method.*\(empty\), gz, snappy/],
  ['metricsProvider.className=com.example.Mine', /^error zoo\.cfg:3: metricsProvider\.className/],
  ['intBufferStartingSizeBytes=31', /^error zoo\.cfg:3: intBufferStartingSizeBytes/],
  ['minSessionTimeout=9\nmaxSessionTimeout=8', /^error zoo\.cfg:3: minSessionTimeout \(9 ms\) must not be larger/],
  ['a=\\u1', /^error zoo\.cfg:3: malformed \\u escape/],
  ['secureClientPortAddress=::1', /^error zoo\.cfg:3: secureClientPortAddress is set but secureClientPort is not set/],
  ['ssl.context.supplier.class=x', /^error zoo\.cfg:3: ssl\.context\.supplier\.class is not supported in this version/],
  ['ssl.quorum.clientAuth=maybe', /^error zoo\.cfg:3: ssl\.quorum\.clientAuth.*one of none, want, need/],
  [
    'ssl.keyStore.location=/k\nssl.keyStore.inline=AAAA',
    /^error zoo\.cfg:4: ssl\.keyStore\.inline is set, and so is ssl\.keyStore\.location: a store is in one place$/,
  ],
  ['quorum.auth.learnerRequireSasl=true', /^error zoo\.cfg:3: .* needs quorum\.auth\.enableSasl=true/],
  [
    'quorum.auth.enableSasl=true\nquorum.auth.serverRequireSasl=true',
    /^error zoo\.cfg:4: .* needs quorum\.auth\.learnerRequireSasl=true/,
  ],
  ['audit.format=xml', /^error zoo\.cfg:3: audit\.format.*one of text, json/],
  [
    'authProvider.1=com.example.Mine',
    /^error zoo\.cfg:3: authProvider\.1: the authentication provider "com\.example\.Mine"/,
  ],
  ['server.1=a:1:2\nserver.2=b:1:2', /^error zoo\.cfg: initLimit is not set/],
  [`${MEMBERS}syncLimit=0`, /^error zoo\.cfg:7: syncLimit is not set/],
  [`${MEMBERS}server.3=c:1`, /^error zoo\.cfg:5: server\.3: "c:1" is not host:quorumPort:electionPort/],
  [`${MEMBERS}server.3=c:1:2|d:1:2`, /^error zoo\.cfg: server\.3 has several addresses, which takes multiAddress/],
  [`${MEMBERS}group.1=1`, /^error zoo\.cfg:5: server\.2 is in no group/],
  [`${MEMBERS}oraclePath=/x\ngroup.1=1:2`, /^error zoo\.cfg:7: oraclePath and groups exclude each other/],
  ['standaloneEnabled=false', /^error zoo\.cfg: standaloneEnabled is false, but no server\.N line/],
  ['server.1=a:1:2\nserver.2=b:1:2:observer', /^error zoo\.cfg:4: observers without a quorum are not allowed/],
  ['server.1=a:1:2:observer', /^error zoo\.cfg:3: observers without participants are not allowed/],
  ['dynamicConfigFile=/none', /^error zoo\.cfg:3: dynamicConfigFile: \/none cannot be read/],
  ['dynamicConfigFile=/x\nserver.1=a:1:2', /^error zoo\.cfg:3: server\.1 \(line 4\) must be in the file/],
]

test('an oracle is for two voters', () => {
  const two = load(`${BASE}${MEMBERS}oraclePath=/x`)
  assert.equal(two.config?.oraclePath, '/x')
  assert.deepEqual(two.messages, [])
  const three = load(`${BASE}${MEMBERS}server.3=c:1:2\noraclePath=/x`)
  assert.match(String(three.messages.map(({ text }) => text)), /^oraclePath has no say: .* there are 3$/)
})

test('several servers are an ensemble, and so is one that is told that it is not alone', () => {
  const two = load(`${BASE}${MEMBERS}`, {}).config?.ensemble
  assert.deepEqual([...(two?.voters ?? [])], [1, 2])
  const one = load(`${BASE}initLimit=5\nsyncLimit=2\nstandaloneEnabled=false\nserver.1=a:1:2`).config?.ensemble
  assert.deepEqual([...(one?.voters ?? [])], [1])
  const observed = load(`${BASE}${MEMBERS}server.3=c:1:2:observer\ngroup.1=1:2\nweight.1=3`).config?.ensemble
  assert.deepEqual([observed?.members.get(3)?.role, observed?.weight(1)], ['observer', 3])
})

for (const [lines, message] of REFUSED) {
  test(`zoo.cfg is refused: ${lines.replaceAll('\n', ', ')}`, () => {
    const loaded = load(`${BASE}${lines}`)
    assert.equal(loaded.config, null)
    assert.ok(
      said(loaded).some((line) => message.test(line)),
      said(loaded).join('\n'),
    )
  })
}

const INCOMPLETE: readonly (readonly [text: string, message: string])[] = [
  ['clientPort=2181', 'error zoo.cfg: dataDir is not set'],
  ['dataDir=/data', 'error zoo.cfg: clientPort is not set: no client could connect'],
  ['dataDir=/data\nclientPortAddress=::1', 'error zoo.cfg:2: clientPortAddress is set but clientPort is not set'],
]

for (const [text, message] of INCOMPLETE) {
  test(`zoo.cfg is incomplete: ${text.replaceAll('\n', ', ')}`, () => {
    const loaded = load(text)
    assert.equal(loaded.config, null)
    assert.deepEqual(said(loaded), [message])
  })
}

/** PEM as somebody pastes it, with the lines that end in a backslash. */
const pasted = (joined: number): string =>
  ['-----BEGIN PRIVATE KEY-----', 'MIIEvQIBADAN+Bgkq', 'c2VjcmV0', '-----END PRIVATE KEY-----']
    .map((line, at) => (at < joined ? `${line}\\` : line))
    .join('\n')

test('a store may go on over lines that end in a backslash', () => {
  const loaded = load(`${BASE}ssl.keyStore.inline=${pasted(3)}\ntickTime=5`)
  assert.deepEqual(said(loaded), [])
  assert.equal(loaded.config?.clientTlsKeyStoreInline, pasted(0).replaceAll('\n', ''))
  assert.equal(loaded.config?.tickTimeMs, 5)
  const hidden = loaded.entries.find(({ name }) => name === 'ssl.keyStore.inline')
  assert.deepEqual([hidden?.text, hidden?.place], ['(set)', 'zoo.cfg:3'])
  assert.equal(loaded.config?.initialConfig, `${BASE}ssl.keyStore.inline=(set)\ntickTime=5`)
})

for (const joined of [0, 1, 2]) {
  test(`of a store of which only ${joined} lines go on nothing is told`, () => {
    const loaded = load(`${BASE}ssl.quorum.keyStore.inline=${pasted(joined)}\nsnapCont=1`)
    assert.equal(loaded.config, null)
    assert.match(
      said(loaded).join('\n'),
      new RegExp(`^error zoo\\.cfg:${4 + joined}: this is no key; if it is more of`, 'm'),
    )
    assert.doesNotMatch(JSON.stringify(loaded.messages), /MII|c2V|-----/)
  })
}

test('what a store may not be is not told', () => {
  const [message, ...others] = said(load(`${BASE}ssl.keyStore.inline=c3cr3t!`))
  assert.equal(
    message,
    'error zoo.cfg:3: ssl.keyStore.inline: what is there is not allowed: it must be PEM, or a store in base64',
  )
  assert.deepEqual(others, [])
})

test('a store comes from the environment, where a variable that is not set means none', () => {
  const given = load(BASE, { environment: { SERVER_JVMFLAGS: `-Dzookeeper.ssl.keyStore.inline='${pasted(0)}'` } })
  assert.deepEqual(said(given), [])
  assert.equal(given.config?.clientTlsKeyStoreInline, pasted(0))
  const none = load(`${BASE}ssl.keyStore.location=/k`, { definitions: ['ssl.keyStore.inline='] })
  assert.deepEqual(said(none), [])
})

const REMARKED: readonly (readonly [lines: string, message: string])[] = [
  ['snapCont=5', 'warn zoo.cfg:3: "snapCont" is no known key; did you mean snapCount?'],
  ['my.own.setting=1', 'warn zoo.cfg:3: "my.own.setting" is no known key'],
  ['zookeeper.snapCount=5', 'warn zoo.cfg:3: zookeeper.snapCount has no effect; write snapCount'],
  ['snapCount=1', 'warn zoo.cfg:3: snapCount: 1 is too low; 2 is used'],
  ['autopurge.snapRetainCount=2', 'warn zoo.cfg:3: autopurge.snapRetainCount: 2 is too low; 3 is used'],
  ['extendedTypesEnabled=1', 'warn zoo.cfg:3: extendedTypesEnabled: "1" counts as false; write true or false'],
  ['forceSync=false', 'warn zoo.cfg:3: forceSync: "false" counts as yes; write yes or no'],
  ['skipACL=true', 'warn zoo.cfg:3: skipACL: "true" counts as no; write yes or no'],
  ['snapCount=5\nsnapCount=6', 'warn zoo.cfg:4: snapCount is set again: the value of line 3 is lost'],
  ['server.1=a:1:2', 'warn zoo.cfg:3: only one server is named: it runs standalone, and the line is ignored'],
  [
    'nio.numWorkerThreads=4\nmetricsProvider.x=1\njmx.log4j.disable=true\nnio.directBufferBytes=65536',
    'info these tune the Java server and have no effect here: metricsProvider.x, nio.numWorkerThreads, jmx.log4j.disable',
  ],
  [
    'dataLogDir=logs',
    'warn zoo.cfg:3: dataLogDir: logs is relative to where the server is started; write ./logs if that is meant',
  ],
]

for (const [lines, message] of REMARKED) {
  test(`zoo.cfg is remarked on: ${lines.replaceAll('\n', ', ')}`, () => {
    const loaded = load(`${BASE}${lines}`)
    assert.deepEqual(said(loaded), [message])
    assert.ok(loaded.config)
  })
}

test('what a version does not have yet, and a server can do without, is warned of', () => {
  const [message, ...others] = said(load(`${BASE}ssl.allowReverseDnsLookup=true`))
  assert.match(message ?? '', /^warn zoo\.cfg:3: ssl\.allowReverseDnsLookup has no effect: it is not supported in this/)
  assert.deepEqual(others, [])
})

test('what can never be is told with what happens instead', () => {
  assert.deepEqual(said(load(`${BASE}audit.impl.class=com.example.AuditLogger\nadmin.httpVersion=20`)), [
    'warn zoo.cfg:3: audit.impl.class has no effect: a class of Java cannot be loaded, and the audit log goes where audit.file and audit.format say',
    'warn zoo.cfg:4: admin.httpVersion has no effect: the admin server speaks HTTP/1.1, as the only version that Java has for it',
  ])
  const asThere = 'audit.impl.class=org.apache.zookeeper.audit.Slf4jAuditLogger\nadmin.httpVersion=11'
  assert.deepEqual(said(load(`${BASE}${asThere}`)), [])
})

test('a configuration cannot be changed', () => {
  const { config } = load(BASE)
  assert.throws(() => Object.assign(config as object, { tickTimeMs: 1 }), TypeError)
})

test('the positional form has the defaults of Java, and no limit on connections', () => {
  const short = loadConfig(undefined, { positional: ['2181', '/data'] })
  assert.deepEqual(changed(short.config), { ...DATA, maxClientCnxns: 0 })
  const long = loadConfig(undefined, { positional: ['0', '/data', '500', '9'] })
  const expected = { tickTimeMs: 500, minSessionTimeoutMs: 1000, maxSessionTimeoutMs: 10_000, maxClientCnxns: 9 }
  assert.deepEqual(changed(long.config), { ...DATA, clientPort: 0, ...expected })
})

for (const positional of [
  ['a', '/data'],
  ['2181', '/data', '0'],
  ['2181', '/data', '1', '2', '3'],
]) {
  test(`the positional form is refused: ${positional.join(' ')}`, () => {
    assert.equal(loadConfig(undefined, { positional }).config, null)
  })
}

test('without any configuration the server can be reached from this machine only, and keeps its disk tidy', () => {
  const { config, messages } = loadConfig(undefined, { defaultDataDir: '/home/me/vivarium' })
  const { fourLetterWords, ...rest } = changed(config)
  assert.deepEqual(fourLetterWords, ['srvr', 'ruok', 'mntr', 'isro', 'stat', 'conf'])
  const dataDir = '/home/me/vivarium'
  const product = { clientPort: 2181, clientPortAddress: '127.0.0.1', purgeIntervalHours: 1 }
  assert.deepEqual(rest, { dataDir, dataLogDir: dataDir, ...product })
  assert.deepEqual(messages, [])
})

test('a definition wins over the file, and the file over JVMFLAGS', () => {
  const environment = { JVMFLAGS: '-Dzookeeper.snapCount=10 -Dzookeeper.preAllocSize=1 -Djute.maxbuffer=4096' }
  const { config } = load(`${BASE}snapCount=20\npreAllocSize=2`, { environment, definitions: ['snapCount=30'] })
  assert.equal(config?.snapCount, 30)
  assert.equal(config?.preAllocSizeBytes, 2048)
  assert.equal(config?.juteMaxBufferBytes, 4096)
})

for (const definition of ['zookeeper.snapCount=7', 'snapCount=7', ' snapCount = 7 ']) {
  test(`a definition may be written ${JSON.stringify(definition)}`, () => {
    assert.equal(load(BASE, { definitions: [definition] }).config?.snapCount, 7)
  })
}

const WRONG_DEFINITIONS: readonly (readonly [definition: string, message: string])[] = [
  ['snapCont=7', 'error -D snapCont: "snapCont" is no known key; did you mean snapCount?'],
  ['server.1=a:1:2', 'error -D server.1: the servers of an ensemble can only be named in a file'],
  ['tickTime', 'error -D tickTime: tickTime: "" is not allowed: it must be a whole number from 1'],
]

for (const [definition, message] of WRONG_DEFINITIONS) {
  test(`a definition is refused: ${definition}`, () => {
    const loaded = load(BASE, { definitions: [definition] })
    assert.equal(loaded.config, null)
    assert.deepEqual(said(loaded), [message])
  })
}

const ENVIRONMENT: readonly (readonly [flag: string, message: string | undefined])[] = [
  ['-Dzookeeper.tickTime=1', 'warn JVMFLAGS: zookeeper.tickTime has no effect; tickTime can only be set in a zoo.cfg'],
  ['-DsnapCount=1', 'warn JVMFLAGS: snapCount has no effect; write -Dzookeeper.snapCount'],
  ['-Dzookeeper.jute.maxbuffer=1', 'warn JVMFLAGS: zookeeper.jute.maxbuffer has no effect; write -Djute.maxbuffer'],
  ['-Dzookeeper.snapCout=1', 'warn JVMFLAGS: "snapCout" is no known key; did you mean snapCount?'],
  ['-Dzookeeper.root.logger=INFO,CONSOLE', undefined],
  ['-Dcom.sun.management.jmxremote.port=9999', undefined],
]

for (const [flag, message] of ENVIRONMENT) {
  test(`JVMFLAGS: ${flag}`, () => {
    const loaded = load(BASE, { environment: { JVMFLAGS: flag } })
    assert.deepEqual(said(loaded), message === undefined ? [] : [message])
    assert.deepEqual(changed(loaded.config), DATA)
  })
}

test('JVMFLAGS may use the old, plain name of fsync.warningthresholdms', () => {
  const { config } = load(BASE, { environment: { JVMFLAGS: '-Dfsync.warningthresholdms=7' } })
  assert.equal(config?.fsyncWarningThresholdMs, 7)
})

const DYNAMIC = 'dataDir=/data\ndynamicConfigFile=/zoo.dynamic\n'
const files = (entries: Record<string, string>): ConfigOverrides => ({ readFile: (path) => entries[path] })

test('a server alone in its dynamic file takes the client port of its own line, if myid says that it is its own', () => {
  const dynamic = 'server.3=a:2888:3888:participant;[::1]:2182'
  const { config } = load(DYNAMIC, files({ '/zoo.dynamic': dynamic, '/data/myid': '3\n' }))
  assert.equal(config?.clientPort, 2182)
  assert.equal(config?.clientPortAddress, '::1')
  assert.equal(load(DYNAMIC, files({ '/zoo.dynamic': dynamic, '/data/myid': '4' })).config, null)
})

test('a member may be without a port for clients, as one is that its dynamic file does not name any more', () => {
  const text = 'dataDir=/data\ninitLimit=5\nsyncLimit=2\ndynamicConfigFile=/zoo.dynamic'
  const overrides = files({ '/zoo.dynamic': 'server.1=a:1:2;2181\nserver.2=b:1:2;2181', '/data/myid': '3' })
  const loaded = load(text, overrides)
  assert.equal(loaded.config?.clientPort, null)
  assert.deepEqual(said(loaded), ['warn zoo.cfg: clientPort is not set: no client could connect'])
})

test('two different client ports are refused', () => {
  const overrides = files({ '/zoo.dynamic': 'server.3=a:1:2;2182', '/data/myid': '3' })
  const loaded = load(`${DYNAMIC}clientPort=2181`, overrides)
  assert.equal(loaded.config, null)
  assert.match(said(loaded).join('\n'), /error zoo\.cfg:3: clientPort differs from .* server\.3 \(\/zoo\.dynamic:1\)/)
})

test('a dynamic file may hold nothing else', () => {
  const loaded = load(`${DYNAMIC}clientPort=1`, files({ '/zoo.dynamic': 'server.1=a:1:2\ntickTime=1' }))
  assert.match(said(loaded).join('\n'), /error \/zoo\.dynamic:2: tickTime is not allowed in a dynamic/)
})

test('the name of a dynamic file ends with the version of the configuration, and beside zoo.cfg may be the next one', () => {
  const text = 'dataDir=/data\nclientPort=1\ninitLimit=5\nsyncLimit=2\ndynamicConfigFile='
  const members = 'server.1=a:1:2\nserver.2=b:1:2'
  const configs = (path: string, next?: string): unknown[] => {
    const more: Record<string, string> = next === undefined ? {} : { 'zoo.cfg.dynamic.next': next }
    const loaded = load(`${text}${path}`, files({ [path]: members, ...more }))
    const { ensemble, proposedEnsemble } = loaded.config as ServerConfig
    return [ensemble?.version, proposedEnsemble?.version, ...said(loaded).filter((line) => line.startsWith('warn'))]
  }
  assert.deepEqual(configs('/zoo.cfg.dynamic.1f00000000'), [0x1f * 2 ** 32, undefined])
  assert.deepEqual(configs('/zoo.cfg.dynamic'), [0, undefined])
  assert.deepEqual(configs('/zoo.cfg.dynamic.1', `${members}\nserver.3=c:1:2\nversion=2`), [1, 2])
  assert.deepEqual(configs('/zoo.cfg.dynamic.1', 'server.3'), [
    1,
    undefined,
    'warn zoo.cfg.dynamic.next: it is ignored: "server.3" is not key=value',
  ])
})

test('entries tell where each value was set, and keep secrets', () => {
  const { entries } = load(`${BASE}DigestAuthenticationProvider.superDigest=super:abc`, {
    definitions: ['snapCount=7'],
  })
  const entry = (name: string) => entries.find((one) => one.name === name)
  assert.equal(entry('clientPort')?.place, 'zoo.cfg:2')
  assert.equal(entry('snapCount')?.place, '-D snapCount')
  assert.equal(entry('tickTime')?.place, null)
  assert.equal(entry('DigestAuthenticationProvider.superDigest')?.text, '(set)')
  assert.ok(!JSON.stringify(entries).includes('abc'))
})

test('property: any file is loaded or refused with a reason', () => {
  const line = fc.tuple(
    fc.constantFrom('tickTime', 'dataDir', 'server.1', 'snapCount', 'authProvider.1', 'weight', 'clientPort', 'x'),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const { config, messages } = load(lines.map(([name, text]) => `${name}=${text}`).join('\n'))
      assert.equal(
        config === null,
        messages.some(({ level }) => level === 'error'),
      )
    }),
  )
})
