import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '@vivarium/testing'
import type { Ensemble, Member } from '../ensembles/ensemble.ts'
import { type CheckReport, check, withEnsemble } from '../ensembles/roles.ts'
import { APACHE, freePort, type ServerKind } from '../server-process.ts'
import { type Asker, VIV, type Wish } from './askers.ts'

/** How many servers the ensembles here begin with; two more join. */
const FIRST = 3

/** An ensemble that changes, and what is to be found out about it. */
class Scene {
  readonly ensemble: Ensemble
  readonly report: CheckReport
  readonly kinds: readonly ServerKind[]
  readonly #lines = new Map<number, string>()
  /** The members that there are to be, by their lines. */
  #members: string[] = []
  #writes = 0

  constructor(ensemble: Ensemble, report: CheckReport, kinds: readonly ServerKind[]) {
    this.ensemble = ensemble
    this.report = report
    this.kinds = kinds
    for (const { sid, config } of ensemble.members) {
      this.#lines.set(sid, `server.${sid}=${config[`server.${sid}`]}`)
      if (sid <= FIRST) this.#members.push(this.line(sid))
    }
  }

  /** A server as it is at present, or as it is to be. */
  line(sid: number): string {
    return this.#lines.get(sid) as string
  }

  async start(...sids: number[]): Promise<void> {
    await this.ensemble.start((sid) => this.kinds[sid - 1] as ServerKind, sids)
  }

  /** Has somebody ask for something, and looks at what has become of it, everywhere. */
  async reconfigure(asker: Asker, at: Member, wish: Wish, expected: readonly string[]): Promise<void> {
    const output = await asker.ask(at.port, wish)
    const what = `${asker.name} at server ${at.sid} (${at.process?.kind.name}), ${JSON.stringify(wish)}`
    const missing = expected.filter((line) => !output.includes(line))
    // Apache's followers leave for a new leader, and their clients alone, before they have answered.
    const isLost = at.process?.kind === APACHE && /ConnectionLoss|Connection ?loss|Session/i.test(output)
    check(this.report, what, missing.length === 0 || isLost ? [] : [`was answered with: ${output}`])
    this.#members = [...expected]
    for (const line of expected) this.#lines.set(Number(/^server\.(\d+)/.exec(line)?.[1]), line)
    await this.agree(what)
  }

  /** All that run tell the same configuration, the expected one, and have written it down. */
  async agree(what: string): Promise<void> {
    const text = await eventually(`all agree after ${what}`, async () => {
      await this.ensemble.settled()
      const texts = await Promise.all(this.ensemble.running.map(configOf))
      const [first] = texts
      const known = first?.startsWith(`${this.#members.join('\n')}\nversion=`) === true
      return known && texts.every((other) => other === first) ? (first as string) : null
    })
    const version = /version=(.*)$/.exec(text)?.[1]
    for (const { sid, directory, process } of this.ensemble.running) {
      const written = await eventually(`server ${sid} has written down ${what}`, async () => {
        const files = readdirSync(directory).filter((name) => name.startsWith('zoo.cfg.dynamic'))
        return files.includes(`zoo.cfg.dynamic.${version}`) && !files.includes('zoo.cfg.dynamic.next') ? files : null
      })
      const file = readFileSync(join(directory, `zoo.cfg.dynamic.${version}`), 'utf8')
      const pointer = readFileSync(join(directory, 'zoo.cfg'), 'utf8').trimEnd().split('\n').at(-1)
      check(this.report, `server ${sid} (${process?.kind.name}), ${what}: the files`, [
        ...(file === [...this.#members].sort().join('\n') ? [] : [`the members are ${file}`]),
        ...(pointer === `dynamicConfigFile=${join(directory, `zoo.cfg.dynamic.${version}`)}` ? [] : [`${pointer}`]),
        ...(written.length > 0 ? [] : ['none']),
      ])
    }
    await this.write()
    check(this.report, `the trees after ${what}`, await this.ensemble.differences())
  }

  /** A write through each. */
  async write(): Promise<void> {
    for (const member of this.ensemble.running) {
      const client = await member.connect()
      await client.create(`/write-${this.#writes++}`)
      await client.close()
    }
  }

  async leader(): Promise<Member> {
    return await this.ensemble.settled()
  }

  lines(...sids: number[]): string[] {
    return sids.map((sid) => this.line(sid))
  }
}

async function configOf(member: Member): Promise<string> {
  const client = await member.connect()
  const { data, stat } = await client.getData('/zookeeper/config')
  await client.close()
  return stat.version === -1 ? String(data) : 'a version that is not −1'
}

function withScene(kinds: readonly ServerKind[], body: (scene: Scene) => Promise<void>): Promise<CheckReport> {
  return withEnsemble(kinds.length, { first: FIRST }, async (ensemble, report) => {
    const scene = new Scene(ensemble, report, kinds)
    await scene.start(1, 2, 3)
    await scene.agree('the start')
    await body(scene)
  })
}

/** From three to five and back to three, which are others; the leader goes, too. In the end all start anew. */
export function checkGrowth(kinds: readonly ServerKind[], askers: readonly Asker[]): Promise<CheckReport> {
  return withScene(kinds, async (scene) => {
    const { ensemble } = scene
    let asked = 0
    const next = (): Asker => askers[asked++ % askers.length] as Asker
    await scene.start(4)
    await scene.reconfigure(next(), ensemble.member(1), { joining: scene.line(4) }, scene.lines(1, 2, 3, 4))
    await scene.start(5)
    await scene.reconfigure(next(), ensemble.member(4), { joining: scene.line(5) }, scene.lines(1, 2, 3, 4, 5))
    const leader = await scene.leader()
    const others = [1, 2, 3, 4, 5].filter((sid) => sid !== leader.sid)
    const reader = ensemble.member(others[0] as number)
    await scene.reconfigure(next(), reader, { leaving: String(leader.sid) }, scene.lines(...others))
    const heir = await scene.leader()
    check(scene.report, 'another one leads', heir.sid !== leader.sid)
    check(scene.report, 'the one that was removed follows', (await leader.mode()) === 'follower')
    await leader.stop()
    const rest = others.slice(1)
    await scene.reconfigure(next(), heir, { members: scene.lines(...rest).join() }, scene.lines(...rest))
    await reader.stop()
    await scene.write()
    await Promise.all(ensemble.running.map((member) => member.kill()))
    await scene.start(...rest)
    await scene.agree('a start from the dynamic files')
  })
}

/** Voters become observers and voters again, and move to other ports, the leader among them. */
export function checkChanges(kinds: readonly ServerKind[], asker: Asker = VIV): Promise<CheckReport> {
  return withScene(kinds, async (scene) => {
    const { ensemble } = scene
    const observing = (sid: number): string => scene.line(sid).replace(':participant', ':observer')
    const voting = (sid: number): string => scene.line(sid).replace(':observer', ':participant')
    const second = ensemble.member(2)
    const first = ensemble.member(1)
    await scene.reconfigure(asker, second, { joining: observing(1) }, [observing(1), ...scene.lines(2, 3)])
    check(scene.report, 'it observes', (await first.mode()) === 'observer')
    await scene.reconfigure(asker, second, { joining: voting(1) }, [voting(1), ...scene.lines(2, 3)])
    check(scene.report, 'it follows again', (await first.mode()) === 'follower')
    await scene.reconfigure(asker, second, { joining: observing(3) }, [...scene.lines(1, 2), observing(3)])
    check(scene.report, 'the leader observes', (await ensemble.member(3).mode()) === 'observer')
    await scene.reconfigure(asker, second, { joining: voting(3) }, [...scene.lines(1, 2), voting(3)])

    const leader = await scene.leader()
    const ports = `${await freePort()}:${await freePort()}`
    const moved = scene.line(leader.sid).replace(/127\.0\.0\.1:\d+:\d+/, `127.0.0.1:${ports}`)
    const withMoved = [1, 2, 3].map((sid) => (sid === leader.sid ? moved : scene.line(sid)))
    await scene.reconfigure(asker, leader, { joining: moved }, withMoved)
    check(scene.report, 'a leader whose ports change hands over', (await scene.leader()).sid !== leader.sid)

    const port = await freePort()
    const elsewhere = scene.line(1).replace(/\d+$/, String(port))
    const asked = asker.ask(second.port, { joining: elsewhere })
    first.port = port
    check(scene.report, 'clients find it elsewhere', (await asked).includes(elsewhere))
    await scene.reconfigure(asker, second, { joining: elsewhere }, [elsewhere, ...scene.lines(2, 3)])
    await (await scene.leader()).kill()
    await scene.leader()
    await scene.write()
  })
}
