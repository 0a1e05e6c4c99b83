import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type ErrorCode, Operation } from '@vivarium/protocol'
import { type ConfigValues, loadConfig } from '../../dist/index.js'
import { CLIENT_PORT, TestEnsemble } from './ensemble.ts'

/** A reconfiguration as it is asked for. */
export interface Wish {
  readonly joining?: string
  readonly leaving?: string
  readonly members?: string
  readonly from?: number
}

/** What stands behind `server.N=` for a server of the tests. */
export const lineOf = (sid: number, role = 'participant', clientPort = CLIENT_PORT): string =>
  `server.${sid}=s${sid}:2888:3888:${role};0.0.0.0:${clientPort}`

/** Members that are configured by a zoo.cfg on their disks, and go on from what they have made of it. */
export class DynamicEnsemble extends TestEnsemble {
  readonly #texts = new Map<number, string>()
  readonly #first: readonly number[]

  /** @param sids of the members to begin with @param lines of every zoo.cfg */
  constructor(sids: readonly number[], lines: readonly string[] = []) {
    super(1)
    this.#first = sids
    for (const sid of sids) this.describe(sid, sids, lines)
  }

  override get sids(): number[] {
    return [...this.#texts.keys()]
  }

  /** Lays down the zoo.cfg with which a server is to start the first time. */
  describe(sid: number, members: readonly number[] = [...this.#first, sid], lines: readonly string[] = []): void {
    const servers = members.map((member) => lineOf(member))
    const common = ['dataDir=/data', 'clientPort=2181', 'tickTime=1000', 'initLimit=5', 'syncLimit=2', 'skipACL=yes']
    this.#texts.set(
      sid,
      ['# how it began', ...common, 'reconfigEnabled=true', '4lw.commands.whitelist=*', ...servers, ...lines, ''].join(
        '\n',
      ),
    )
  }

  /** Starts servers that are to join. */
  async startJoiners(...sids: number[]): Promise<void> {
    for (const sid of sids) this.describe(sid)
    await this.start(...sids)
    await this.settled()
  }

  protected override async configOf(sid: number): Promise<ConfigValues> {
    const disk = this.disk(sid)
    if ((await disk.stat('/zoo.cfg')) === null) {
      const file = await disk.open('/zoo.cfg', 'create')
      await file.writeAt(Buffer.from(this.#texts.get(sid) as string), 0)
      await file.sync()
      await file.close()
      await disk.syncDirectory('/')
    }
    const files = await this.files(sid)
    const { config, messages } = loadConfig(
      { path: '/zoo.cfg', text: files.get('/zoo.cfg') as string },
      { readFile: (path) => files.get(path) },
    )
    assert.ok(config, messages.map(({ text }) => text).join('\n'))
    return { ...config, preAllocSizeBytes: 0, adminServerEnabled: false }
  }

  /** What is on a server's disk, but for its data. */
  async files(sid: number): Promise<Map<string, string>> {
    const disk = this.disk(sid)
    const files = new Map<string, string>()
    const names = (await disk.list('/')).filter((name) => name.startsWith('zoo.cfg'))
    for (const path of ['/data/myid', ...names.map((name) => `/${name}`)]) {
      const file = await disk.open(path, 'read')
      files.set(path, Buffer.from(await file.read(0, 1 << 20)).toString())
      await file.close()
    }
    return files
  }

  /** Asks a server for a reconfiguration. Returns the new configuration, or the error. */
  async reconfigure(sid: number, wish: Wish): Promise<string | ErrorCode> {
    const client = await this.client(sid)
    const { code, body } = await this.run(
      client.ask('reconfig', {
        joiningServers: wish.joining ?? null,
        leavingServers: wish.leaving ?? null,
        newMembers: wish.members ?? null,
        curConfigId: wish.from ?? -1,
      }),
    )
    client.connection.destroy()
    if (code !== 'OK') return code
    return Buffer.from(Operation.reconfig.response.read(body).data as Uint8Array).toString()
  }

  /** The members as a server's clients see them: their lines, without the version. */
  async membersOf(sid: number, port = CLIENT_PORT): Promise<string[]> {
    const client = await this.client(sid, {}, port)
    const text = await this.run(client.data('/zookeeper/config'))
    client.connection.destroy()
    return (text ?? '').split('\n').slice(0, -1)
  }

  /** Waits until all that run agree on these members, in what they tell and in what they have written down. */
  async agreed(...lines: readonly string[]): Promise<void> {
    const sids = this.running
    const membersOf = (sid: number): string => this.server(sid).member?.membership ?? ''
    await this.until(() => {
      const texts = new Set(sids.map(membersOf))
      return texts.size === 1 && [...texts][0]?.startsWith(`${lines.join('\n')}\nversion=`) === true
    })
    await this.until(() => sids.every((sid) => this.server(sid).serving))
    const version = /version=(.*)$/.exec(membersOf(sids[0] as number))?.[1]
    const path = `/zoo.cfg.dynamic.${version}`
    await this.pass(10)
    for (const sid of sids) {
      const files = await this.files(sid)
      assert.equal(files.get(path), [...lines].sort().join('\n'), `server ${sid}`)
      assert.equal(files.get('/zoo.cfg.dynamic.next'), undefined, `server ${sid}`)
      assert.match(files.get('/zoo.cfg') as string, new RegExp(`^# how it began\n[^]*\ndynamicConfigFile=${path}\n$`))
    }
  }

  /** What each server does. */
  modes(): string[] {
    return this.running.map((sid) => `${sid} ${this.server(sid).mode}`).sort()
  }
}

/** An ensemble of which all members are started. */
export async function startDynamic(
  t: TestContext,
  sids: readonly number[],
  lines: readonly string[] = [],
): Promise<DynamicEnsemble> {
  const ensemble = new DynamicEnsemble(sids, lines)
  t.after(async () => {
    for (const sid of ensemble.running) await ensemble.stop(sid)
  })
  await ensemble.start(...sids)
  await ensemble.settled()
  return ensemble
}
