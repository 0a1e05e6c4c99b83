import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, fourLetterWord, modeOf } from '@vivarium/testing'
import { RawClient } from '../raw-client.ts'
import type { ConnectRequest } from '../records.ts'
import { freePort, type ServerKind, ServerProcess } from '../server-process.ts'
import { describeZnode, differences, walkTree } from '../tree-walk.ts'

export interface EnsembleOptions {
  /** Which members only observe. */
  observers?: readonly number[]
  /** Lines of every zoo.cfg. */
  config?: Readonly<Record<string, string>>
  /** The hosts of a member's line: `127.0.0.1` unless told. */
  hostsOf?: (sid: number) => readonly string[]
  /** See `ServerOptions.system`. */
  system?: Readonly<Record<string, string>>
  /** How many of them make up the first configuration, which can change then; the others are to join. */
  first?: number
}

/** A member: where it lives, and the process that runs there, of whichever implementation. */
export class Member {
  readonly sid: number
  readonly directory: string
  /** Where clients find it, which a reconfiguration may change. */
  port: number
  readonly config: Record<string, string>
  readonly system: Readonly<Record<string, string>>
  process: ServerProcess | null = null

  constructor(
    sid: number,
    directory: string,
    port: number,
    config: Record<string, string>,
    system: Readonly<Record<string, string>>,
  ) {
    this.sid = sid
    this.directory = directory
    this.port = port
    this.config = config
    this.system = system
  }

  async start(kind: ServerKind): Promise<void> {
    const { directory, port, config, system } = this
    this.process = await ServerProcess.start(kind, { directory, port, config, system, waits: false })
  }

  async stop(): Promise<void> {
    await this.process?.stop()
    this.process = null
  }

  async kill(): Promise<void> {
    await this.process?.kill()
    this.process = null
  }

  /** What it says it does (`leader`, `follower`, `observer`), or null while it serves nobody. */
  async mode(): Promise<string | null> {
    return this.process === null ? null : await modeOf(this.port)
  }

  /** A metric as `mntr` tells it. */
  async metric(name: string): Promise<string | undefined> {
    const answer = this.process === null ? '' : await fourLetterWord(this.port, 'mntr')
    return new RegExp(`^zk_${name}\\t(.*)$`, 'm').exec(answer)?.[1]
  }

  /** A session on this member, tried until there is one. */
  async connect(request: ConnectRequest = {}): Promise<RawClient> {
    return await eventually(`server ${this.sid} takes a session`, () =>
      RawClient.connect(this.port, request).catch(() => null),
    )
  }
}

/** Some members on this machine, which can be started, ended and replaced one by one. */
export class Ensemble {
  readonly members: readonly Member[]
  readonly #directory: string

  private constructor(directory: string, members: readonly Member[]) {
    this.#directory = directory
    this.members = members
  }

  /** Lays out the directories of `size` members with the ids from 1 on. */
  static async layOut(
    size: number,
    { observers = [], hostsOf = () => ['127.0.0.1'], config = {}, system = {}, first }: EnsembleOptions = {},
  ): Promise<Ensemble> {
    const directory = mkdtempSync(join(tmpdir(), 'interop-ensemble-'))
    // Nothing here waits for a member to be late: one that has ended is noticed by its connections.
    const times = { tickTime: '1000', initLimit: '30', syncLimit: '15', maxSessionTimeout: '400000' }
    const lines: Record<string, string> = { ...times, ...config }
    const sids = Array.from({ length: size }, (_, i) => i + 1)
    const ports = new Map<number, number>()
    for (const sid of sids) {
      const role = observers.includes(sid) ? 'observer' : 'participant'
      const port = await freePort()
      ports.set(sid, port)
      const addresses: string[] = []
      for (const host of hostsOf(sid)) addresses.push(`${host}:${await freePort()}:${await freePort()}`)
      const line = `${addresses.join('|')}:${role}`
      lines[`server.${sid}`] = first === undefined ? line : `${line};127.0.0.1:${port}`
    }
    const members: Member[] = []
    for (const sid of sids) {
      const own = join(directory, String(sid))
      mkdirSync(join(own, 'data'), { recursive: true })
      writeFileSync(join(own, 'data', 'myid'), String(sid))
      const known = { ...lines }
      if (first !== undefined) {
        Object.assign(known, { reconfigEnabled: 'true', skipACL: 'yes' })
        for (const other of sids) if (other > first && other !== sid) delete known[`server.${other}`]
      }
      members.push(new Member(sid, own, ports.get(sid) as number, known, system))
    }
    return new Ensemble(directory, members)
  }

  member(sid: number): Member {
    return this.members[sid - 1] as Member
  }

  get running(): Member[] {
    return this.members.filter(({ process }) => process !== null)
  }

  /** Starts these members, or all, and waits until every one that runs has its role. */
  async start(kindOf: (sid: number) => ServerKind, sids = this.members.map(({ sid }) => sid)): Promise<void> {
    await Promise.all(sids.map((sid) => this.member(sid).start(kindOf(sid))))
    await this.settled()
  }

  /** Waits until one of those that run leads, and all others follow or observe. Returns the leader. */
  async settled(): Promise<Member> {
    return await eventually('all members have their roles', async () => {
      const modes = await Promise.all(this.running.map((member) => member.mode()))
      const leaders = this.running.filter((_, i) => modes[i] === 'leader')
      return modes.includes(null) || leaders.length !== 1 ? null : (leaders[0] as Member)
    })
  }

  /**
   * What is different between the members that run: their trees, znode by znode, and what they count of digests that were
   * not as the leader said.
   */
  async differences(): Promise<string[]> {
    const complaints: string[] = []
    let first: readonly string[] | null = null
    for (const member of this.running) {
      const client = await member.connect()
      await client.sync()
      const lines = (await walkTree(client))
        // What is below is each server's own, and its usage by clients besides.
        .filter(({ path }) => !path.startsWith('/zookeeper'))
        .map((znode) => describeZnode(znode))
      await client.close()
      const name = `server ${member.sid} (${member.process?.kind.name})`
      if (first === null) first = lines
      else complaints.push(...differences(first, lines).map((line) => `${name}: ${line}`))
      const mismatches = await member.metric('digest_mismatches_count')
      if (mismatches !== '0') complaints.push(`${name} counts ${mismatches} digests that were not as told`)
    }
    return complaints
  }

  /** The ends of the members' logs, for whoever wants to know what went wrong. */
  logs(): string {
    return this.running.map(({ sid, process }) => `--- server ${sid}\n${process?.logTail(3000)}`).join('\n')
  }

  async dispose(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()))
    if (process.env.VIVARIUM_TESTING_KEEP === undefined) rmSync(this.#directory, { recursive: true, force: true })
  }
}
