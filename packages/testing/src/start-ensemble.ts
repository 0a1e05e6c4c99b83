import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './network/free-port.ts'
import { Link } from './network/link.ts'
import { type MemberPorts, MemberWires } from './network/member-wires.ts'
import { kindOf, type StartOptions, TEST_CONFIG } from './options.ts'
import { TestEnsemble } from './test-ensemble.ts'
import { TestServer } from './test-server.ts'

export interface EnsembleOptions extends StartOptions {
  /** How many of the members, the last ones, only observe. Default 0. */
  readonly observers?: number | undefined
}

/** Of a tick of the kit's each: how long members may take to find each other, and how far behind one may fall. */
const ENSEMBLE_CONFIG = { initLimit: '20', syncLimit: '6' }

/**
 * Starts an ensemble of so many servers, with wires of the kit between them. Resolves once all have their roles.
 *
 * @example
 * await using ensemble = await startEnsemble(3)
 * const zk = await ensemble.connect()
 * const leader = await ensemble.leader()
 * ensemble.isolate(leader) // The other two elect another one, and zk finds it.
 */
export async function startEnsemble(size: number, options: EnsembleOptions = {}): Promise<TestEnsemble> {
  const { observers = 0, system = {} } = options
  const kind = kindOf(options)
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-test-'))
  const members: (MemberPorts & { readonly client: number })[] = []
  for (let sid = 1; sid <= size; sid++) {
    members.push({ sid, client: await freePort(), quorum: await freePort(), election: await freePort() })
  }
  const wires = await MemberWires.start(members)
  const servers = members.map(({ sid, client, quorum, election }) => {
    const own = join(directory, String(sid))
    mkdirSync(join(own, 'data'), { recursive: true })
    writeFileSync(join(own, 'data', 'myid'), String(sid))
    // Everyone finds the others at the near ends of its own wires.
    const line = (other: number): string => {
      const ports = other === sid ? { quorum, election } : wires.ports(sid, other)
      return `127.0.0.1:${ports.quorum}:${ports.election}:${other > size - observers ? 'observer' : 'participant'}`
    }
    const lines = Object.fromEntries(members.map((member) => [`server.${member.sid}`, line(member.sid)]))
    const config = { ...TEST_CONFIG, ...ENSEMBLE_CONFIG, ...lines, ...options.config }
    return new TestServer({ sid, kind, system, directory: own, port: client, config })
  })
  const link = await Link.start(new Map(members.map(({ sid, client }) => [sid, client])))
  const remove = (): void => rmSync(directory, { recursive: true, force: true })
  const ensemble = new TestEnsemble(servers, wires, link, remove)
  try {
    await Promise.all(servers.map((server) => server.start()))
    await ensemble.settled()
    return ensemble
  } catch (error) {
    await ensemble.close()
    throw error
  }
}
