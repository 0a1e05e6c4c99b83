// node main.js [--proxies] [--seconds=30] [--seed=1]: what `npm run interop -- real-faults` runs in namespaces of its own. Tells
// what was done, and what came of it, as a line of JSON.
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ZooKeeper } from '@vivarium/client'
import { type FinalZnode, HistoryRecorder, SeededRandom } from '@vivarium/sim'
import { fourLetterWord } from '@vivarium/testing'
import { disturb } from './faults.ts'
import { judge } from './judge.ts'
import { type Lab, SUPER } from './lab.ts'
import { Namespaces } from './namespaces.ts'
import { Proxies } from './proxies.ts'
import { epochMs, realActors } from './real-clients.ts'
import { foreignWrites, writerCommands } from './writers.ts'

const CLIENTS = 5
const PATIENCE_MS = 60_000

/** What came of it. */
export interface RealFaultsReport {
  readonly lab: string
  /** What was done to servers. */
  readonly faults: readonly string[]
  /** How many requests were answered, of ours and others' clients. */
  readonly answered: number
  readonly complaints: readonly string[]
}

const { values } = parseArgs({
  options: {
    proxies: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
  },
})

async function main(): Promise<RealFaultsReport> {
  const commands = writerCommands()
  const lab = values.proxies ? await Proxies.start() : new Namespaces()
  try {
    return await runIn(lab, commands, Number(values.seconds), new SeededRandom(Number(values.seed), 'real faults'))
  } finally {
    await lab.close()
  }
}

async function runIn(
  lab: Lab,
  commands: ReturnType<typeof writerCommands>,
  seconds: number,
  random: SeededRandom,
): Promise<RealFaultsReport> {
  for (const { sid } of lab.servers) if (!lab.isRunning(sid)) await lab.start(sid)
  const recorder = new HistoryRecorder()
  const crashes: string[] = []
  const actors = realActors(lab, CLIENTS, recorder, random, crashes)
  for (const actor of actors) actor.start()
  await until(() => actors.every(({ client }) => client.connected))
  const others = Object.entries(commands).map(([name, command]) => foreignWrites(name, command, lab, seconds))
  const faults = await disturb(lab, seconds, random)
  const writes = (await Promise.all(others)).flat()
  for (const actor of actors) actor.finish()
  await until(() => actors.every(({ finished }) => finished))
  const stalled = actors
    .filter(({ finished }) => !finished)
    .map(({ client }) => `${client.name} is not served any more`)
  for (const { client } of actors) {
    client.wanted = false
    client.disconnect()
  }
  await nobodyIsLeft(lab)
  const found = stalled.length > 0 ? { trees: [], digestMismatches: 0 } : await lastLook(lab)
  await nobodyIsLeft(lab)
  for (const { sid } of lab.servers) await lab.stop(sid)
  const complaints = judge(lab, { recorder, writes, ...found, crashes, stalled, endMs: epochMs() })
  const answered = recorder.operations.filter(({ answer }) => answer !== null).length
  return {
    lab: lab.name,
    faults,
    answered: answered + writes.filter(({ answeredMs }) => answeredMs !== null).length,
    complaints,
  }
}

async function until(so: () => boolean | Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS
  while (!(await so()) && performance.now() < untilMs) await delay(20)
}

const NO_SESSIONS = /^(?:Global Sessions\(0\)|Session Sets \(\d+\)\/\(0\)):$/m
const ZXID = /^Zxid: (\S+)$/m

/** Nothing is written once every session is over, and every server has applied its end: none ends while servers are stopped. */
function nobodyIsLeft(lab: Lab): Promise<void> {
  // One that was started a moment ago does not listen yet.
  const ask = (word: string): Promise<string[]> =>
    Promise.all(lab.servers.map(({ host, port }) => fourLetterWord(port, word, host).catch(() => '')))
  return until(async () => {
    // One whose disk was full may end only when there is room again.
    for (const { sid } of lab.servers) if (!lab.isRunning(sid)) await lab.start(sid)
    if (!(await ask('dump')).every((text) => NO_SESSIONS.test(text))) return false
    const zxids = (await ask('srvr')).map((text) => ZXID.exec(text)?.[1])
    return zxids.every((zxid) => zxid !== undefined && zxid === zxids[0])
  })
}

/** What every server has in the end. */
async function lastLook(lab: Lab): Promise<{ trees: FinalZnode[][]; digestMismatches: number }> {
  const trees: FinalZnode[][] = []
  let digestMismatches = 0
  for (const { host, port } of lab.servers) {
    await using zk = await ZooKeeper.connect(`${host}:${port}`, { auth: [{ scheme: 'digest', auth: SUPER }] })
    await zk.sync('/')
    trees.push(await walk(zk, '/'))
    digestMismatches += Number(/digest_mismatches_count\t(\d+)/.exec(await fourLetterWord(port, 'mntr', host))?.[1])
  }
  return { trees, digestMismatches }
}

async function walk(zk: ZooKeeper, path: string): Promise<FinalZnode[]> {
  const { data, stat } = await zk.getData(path)
  const names = await zk.getChildren(path)
  const below = await Promise.all(names.map((name) => walk(zk, path === '/' ? `/${name}` : `${path}/${name}`)))
  // The client does not tell nothing from no bytes, which only those have that are there from the beginning.
  const text = data.length === 0 && stat.czxid > 0 ? null : Buffer.from(data).toString()
  return [{ path, result: { err: 0, data: text, stat } }, ...below.flat()]
}

main().then(
  (report) => {
    console.log(JSON.stringify(report))
    process.exit(report.complaints.length === 0 ? 0 : 1)
  },
  (error: unknown) => {
    console.error(error)
    process.exit(2)
  },
)
