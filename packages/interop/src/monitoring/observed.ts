import { Ensemble, type Member } from '../ensembles/ensemble.ts'
import { RawClient } from '../raw-client.ts'
import { freePort, type ServerKind, ServerProcess } from '../server-process.ts'

const PROVIDERS = {
  default: 'org.apache.zookeeper.metrics.impl.DefaultMetricsProvider',
  prometheus: 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
} as const

/** Where the metrics of a server go. */
export type Provider = keyof typeof PROVIDERS

/** So many that some are the ones whose acknowledgements are timed. */
const WRITES = 60

/** What one server tells of itself in each way that there is. */
export interface Observed {
  /** `standalone`, `leader`, `follower`, `observer`. */
  readonly mode: string
  /** What it shows to Prometheus; nothing where it shows it nothing. */
  exposition(): Promise<string>
  word(word: string): Promise<string>
  /** A command of the admin server. */
  command(name: string): Promise<{ readonly status: number; readonly text: string }>
}

interface Ports {
  readonly metrics: number
  readonly admin: number
}

async function addPorts(config: Record<string, string>, provider: Provider): Promise<Ports> {
  const ports = { metrics: await freePort(), admin: await freePort() }
  Object.assign(config, {
    'metricsProvider.className': PROVIDERS[provider],
    'metricsProvider.httpHost': '127.0.0.1',
    'metricsProvider.httpPort': String(ports.metrics),
    'admin.enableServer': 'true',
    'admin.serverAddress': '127.0.0.1',
    'admin.serverPort': String(ports.admin),
  })
  return ports
}

function observe(process: ServerProcess, provider: Provider, mode: string, { metrics, admin }: Ports): Observed {
  return {
    mode,
    exposition: async () =>
      provider === 'prometheus' ? (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text() : '',
    word: (word) => process.word(word),
    command: async (name) => {
      const response = await fetch(`http://127.0.0.1:${admin}/commands/${name}`)
      return { status: response.status, text: await response.text() }
    },
  }
}

/** Reads, writes and watches, below a znode of the server's own. */
async function use(client: RawClient, path: string): Promise<void> {
  await client.create(path)
  for (let i = 0; i < WRITES; i++) await client.create(`${path}/n${i}`, Buffer.from('data'))
  await client.exists(`${path}/n1`)
  await client.setData(`${path}/n1`, Buffer.from('changed'))
  await client.delete(`${path}/n2`)
}

/** One server, with some use made of it, while it runs. */
export async function withStandalone(
  kind: ServerKind,
  provider: Provider,
  look: (server: Observed) => Promise<void>,
): Promise<void> {
  const config: Record<string, string> = { maxSessionTimeout: '400000' }
  const ports = await addPorts(config, provider)
  const server = await ServerProcess.start(kind, { config })
  try {
    const client = await RawClient.connect(server.port)
    await use(client, '/app')
    await look(observe(server, provider, 'standalone', ports))
    await client.close()
  } finally {
    await server.dispose()
  }
}

/** Three voters, with some use made of each, while they run: a follower that was started anew, and the leader. */
export async function withObservedEnsemble(
  kind: ServerKind,
  provider: Provider,
  look: (follower: Observed, leader: Observed) => Promise<void>,
): Promise<void> {
  const ensemble = await Ensemble.layOut(3, { config: { 'leader.ackLoggingFrequency': '10' } })
  const ports = new Map<Member, Ports>()
  for (const member of ensemble.members) ports.set(member, await addPorts(member.config, provider))
  try {
    await ensemble.start(() => kind, [1, 3])
    await useAll(ensemble, 'before')
    // The leader sends a snapshot to one that begins with nothing, and the rest of the log to one that comes back.
    await ensemble.start(() => kind, [2])
    const first = await ensemble.settled()
    const follower = ensemble.member(first.sid === 1 ? 2 : 1)
    await follower.stop()
    await ensemble.start(() => kind, [follower.sid])
    await useAll(ensemble, 'after')
    const leader = await ensemble.settled()
    const observed = [follower, leader].map((member) =>
      observe(
        member.process as ServerProcess,
        provider,
        member === leader ? 'leader' : 'follower',
        ports.get(member) as Ports,
      ),
    )
    await look(observed[0] as Observed, observed[1] as Observed)
  } catch (error) {
    throw new Error(`${kind.name}: ${error instanceof Error ? error.stack : error}\n${ensemble.logs()}`)
  } finally {
    await ensemble.dispose()
  }
}

async function useAll(ensemble: Ensemble, name: string): Promise<void> {
  for (const member of ensemble.running) {
    const client = await member.connect()
    await use(client, `/${name}-${member.sid}`)
    // A session that moves has to be asked for at the leader.
    const { sessionId, password } = client.session
    client.destroy()
    const moved = await member.connect({ sessionId, password: password ?? undefined })
    await moved.close()
  }
}
