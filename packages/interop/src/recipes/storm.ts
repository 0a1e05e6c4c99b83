import { setTimeout as delay } from 'node:timers/promises'
import { KeeperError, ZooKeeper } from '@vivarium/client'
import { type Context, judge, RECIPE_WORKLOADS, Recorder, SeededRandom, type Turns, type Workload } from '@vivarium/sim'
import { type Link, type SingleServer, startEnsemble, startServer, type TestEnsemble } from '@vivarium/testing'
import type { Checks } from '../clients/run-checks.ts'
import { extendedTypes, type ServerKind } from '../server-process.ts'

const PARTICIPANTS = 4
const SESSION_MS = 3000
/** How long everyone may take to have a last turn at everything. */
const PATIENCE_MS = 60_000

/** One who does all workloads at once, over a link of its own. */
interface Participant {
  readonly who: string
  readonly zk: ZooKeeper
  readonly link: Link
  readonly contexts: readonly Context[]
}

/**
 * The workloads of the simulator, and its checkers, at real servers: connections are cut all the time, and links go dead, for
 * longer than sessions live.
 */
export async function storm(kind: ServerKind, size: number, seconds: number, seed: number): Promise<Checks> {
  // There are znodes with a TTL, which servers look for each minute otherwise.
  const system = { ...extendedTypes(kind), 'znode.container.checkIntervalMs': '500' }
  const options = { kind, separate: true, system }
  if (size === 1) {
    await using server = await startServer(options)
    return await weather(server, server.address, seconds, seed)
  }
  await using ensemble = await startEnsemble(size, options)
  return await weather(ensemble, ensemble.members.map(({ address }) => address).join(','), seconds, seed)
}

async function weather(
  servers: SingleServer | TestEnsemble,
  direct: string,
  seconds: number,
  seed: number,
): Promise<Checks> {
  const random = new SeededRandom(seed, 'storm')
  const nowMs = (): number => performance.now()
  const recorder = new Recorder(nowMs, () => {})
  const contextOf = (zk: ZooKeeper, who: string, name: string): Context => {
    const pause = async (ms: number): Promise<void> => void (await delay(ms))
    return {
      zk,
      who,
      recorder,
      nowMs,
      pause,
      isPatient: false,
      crowd: PARTICIPANTS,
      random: random.fork(`${who} ${name}`),
    }
  }
  const participants = await Promise.all(
    Array.from({ length: PARTICIPANTS }, async (_, at): Promise<Participant> => {
      const who = `${String.fromCharCode(65 + at)}.1`
      const link = await servers.newLink()
      const zk = await ZooKeeper.connect(link.connectString, { sessionTimeoutMs: SESSION_MS, name: who })
      return { who, zk, link, contexts: RECIPE_WORKLOADS.map(({ name }) => contextOf(zk, who, name)) }
    }),
  )
  const isOver = delay(seconds * 1000).then(() => true)
  const crashes: string[] = []
  const turns = Promise.all(participants.map((participant) => haveTurns(participant, isOver))).catch((error) => {
    crashes.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return null
  })
  await disturb(participants, seconds, random)
  const done = await Promise.race([turns, delay(PATIENCE_MS, null, { ref: false })])
  if (done === null) recorder.stalled.push('not everyone has had a last turn at everything')
  else await settle(done, participants, recorder, contextOf, direct)
  for (const { zk } of participants) await zk.close()
  recorder.crashes = crashes
  recorder.settle()
  const failed = judge(recorder).map(({ checker, text }) => `${checker}: ${text}`)
  return { passed: failed.length === 0 ? recorder.holds.map(({ thing, who }) => `${who} held ${thing}`) : [], failed }
}

async function haveTurns({ contexts }: Participant, isOver: Promise<boolean>): Promise<Turns[]> {
  let isLast = false
  void isOver.then(() => {
    isLast = true
  })
  return await Promise.all(
    RECIPE_WORKLOADS.map(async (workload, at) => {
      const context = contexts[at] as Context
      const turns = await workload.begin(context)
      for (let wasLast = false; !wasLast; ) {
        await context.pause(context.random.between(0, 200))
        wasLast = isLast
        await turns.turn(wasLast)
      }
      return turns
    }),
  )
}

async function disturb(participants: readonly Participant[], seconds: number, random: SeededRandom): Promise<void> {
  const untilMs = performance.now() + seconds * 1000
  while (performance.now() < untilMs) {
    await delay(random.between(20, 200))
    const { link } = random.pick(participants)
    if (random.chance(0.9)) link.cut()
    else {
      link.block(random.pick(['forth', 'back', 'both'] as const))
      void delay(random.between(100, 2 * SESSION_MS)).then(() => link.heal())
    }
  }
  for (const { link } of participants) link.heal()
}

/** Nobody changes anything any more: what is there, what everyone's copies have, and what is left at the end. */
async function settle(
  all: readonly Turns[][],
  participants: readonly Participant[],
  recorder: Recorder,
  contextOf: (zk: ZooKeeper, who: string, name: string) => Context,
  direct: string,
): Promise<void> {
  await delay(2 * SESSION_MS) // Sessions that clients have given up are over.
  await using zk = await ZooKeeper.connect(direct)
  const names = participants.map(({ who }) => who)
  for (const workload of RECIPE_WORKLOADS) await workload.audit?.(contextOf(zk, 'auditor', workload.name), names)
  const copies = all.flatMap((turns, at) =>
    turns.map(async (each, which) => {
      const had = await each.copy?.()
      const of = (RECIPE_WORKLOADS[which] as Workload).name
      if (had !== undefined) recorder.copies.push({ of, who: names[at] as string, had })
    }),
  )
  await Promise.all(copies)
  for (const turns of all) for (const each of turns) await each.end()
  await zk.sync('/')
  for (const path of RECIPE_WORKLOADS.flatMap(({ emptied }) => emptied)) {
    recorder.leftovers.set(path, await childrenOf(zk, path))
  }
}

async function childrenOf(zk: ZooKeeper, path: string): Promise<string[]> {
  try {
    return await zk.getChildren(path)
  } catch (error) {
    if (KeeperError.is(error, 'NONODE')) return []
    throw error
  }
}
