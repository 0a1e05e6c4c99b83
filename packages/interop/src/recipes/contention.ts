import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ZooKeeper } from '@vivarium/client'
import type { Layout } from '@vivarium/client/recipes'
import { eventually, type SingleServer, startServer } from '@vivarium/testing'
import type { Command } from '../clients/peers.ts'
import type { Checks } from '../clients/run-checks.ts'
import { Prng } from '../prng.ts'
import type { ServerKind } from '../server-process.ts'
import { curatorContention, kazooContention } from './recipe-peers.ts'

const RECIPES = ['mutex', 'readwrite', 'semaphore', 'leader'] as const
const FAULT_MS = 400
/** Longer than a session lives, often. */
const LONGEST_PAUSE_MS = 5000

/** One that was in: its place in the log is its place in time, and what it was in by was there at that moment. */
interface Entry {
  readonly who: string
  readonly kind: 'write' | 'read' | 'lease'
  readonly token: number
}

/** A program that contends until it is killed, and is started again then. */
class Contestant {
  readonly name: string
  readonly #command: Command
  #child: ChildProcess | null = null

  constructor(name: string, command: Command) {
    this.name = name
    this.#command = command
  }

  start(): void {
    const { file, args } = this.#command
    this.#child = spawn(file, args, { stdio: 'ignore' })
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }
}

/**
 * Lets processes of ours and of the layout's owner contend for the same things at one server for a while, as their
 * connections are cut and they are killed and stand still; then looks at the log that they leave.
 */
export async function contendUnderFaults(
  kind: ServerKind,
  layout: Layout,
  seconds: number,
  seed: number,
): Promise<Checks> {
  const theirs = layout === 'curator' ? curatorContention() : kazooContention()
  await using server = await startServer({ kind, separate: true })
  const zk = await ZooKeeper.connect(server.address)
  for (const recipe of RECIPES) for (const top of ['log', 'contention']) await zk.ensurePath(`/${top}/${recipe}`)
  const ours = { file: process.execPath, args: [fileURLToPath(new URL('./contention-peer.js', import.meta.url))] }
  const contestants = ['ours-1', 'ours-2', 'theirs-1', 'theirs-2'].map((name) => {
    const { file, args } = name.startsWith('ours') ? ours : theirs
    return new Contestant(name, { file, args: [...args, server.connectString, name, layout] })
  })
  const checks: Checks = { passed: [], failed: [] }
  try {
    for (const contestant of contestants) contestant.start()
    await everyoneHasATurn(zk, contestants)
    await disturb(server, contestants, seconds, new Prng(seed))
    await everyoneHasATurn(zk, contestants)
    for (const recipe of RECIPES) {
      const wrong = disorder(await entries(zk, recipe))
      if (wrong === null) checks.passed.push(`${recipe}: order`)
      else checks.failed.push(`${recipe}: ${wrong}`)
    }
  } catch (error) {
    checks.failed.push(String(error))
  } finally {
    for (const contestant of contestants) contestant.signal('SIGKILL')
    await zk.close()
  }
  return checks
}

/** Connections are cut all the time; now and then a process stands still, or is killed and started again. */
async function disturb(
  server: SingleServer,
  contestants: readonly Contestant[],
  seconds: number,
  random: Prng,
): Promise<void> {
  const untilMs = performance.now() + seconds * 1000
  const resumed: Promise<void>[] = []
  while (performance.now() < untilMs) {
    await delay(random.below(2 * FAULT_MS))
    if (random.oneIn(2)) server.link.cut()
    const contestant = random.pick(contestants)
    if (random.oneIn(6)) {
      contestant.signal('SIGKILL')
      contestant.start()
    } else if (random.oneIn(3)) {
      contestant.signal('SIGSTOP')
      resumed.push(delay(random.below(LONGEST_PAUSE_MS)).then(() => contestant.signal('SIGCONT')))
    }
  }
  await Promise.all(resumed)
}

/** Waits until each has been in by each recipe, from now on. */
async function everyoneHasATurn(zk: ZooKeeper, contestants: readonly Contestant[]): Promise<void> {
  for (const recipe of RECIPES) {
    const before = (await entries(zk, recipe)).length
    await eventually(`everyone has a turn at ${recipe}`, async () => {
      const seen = new Set((await entries(zk, recipe)).slice(before).map(({ who }) => who))
      return contestants.every(({ name }) => seen.has(name)) ? true : null
    })
  }
}

async function entries(zk: ZooKeeper, recipe: string): Promise<Entry[]> {
  const names = (await zk.getChildren(`/log/${recipe}`)).sort()
  return await Promise.all(names.map(async (name) => parse((await zk.getData(`/log/${recipe}/${name}`)).data)))
}

function parse(data: Buffer): Entry {
  const [who, kind, token] = data.toString().split(' ') as [string, Entry['kind'], string]
  return { who, kind, token: Number(token) }
}

/** Who was in by an older token than someone before whom it excludes: both were in at once then. */
export function disorder(log: readonly Entry[]): string | null {
  for (const [at, entry] of log.entries()) {
    const passed = log.slice(0, at).find((other) => excludes(other, entry) && other.token > entry.token)
    if (passed !== undefined) {
      return `${entry.who} was in by ${entry.token} (${entry.kind}) after ${passed.who} by ${passed.token} (${passed.kind})`
    }
  }
  return null
}

function excludes(a: Entry, b: Entry): boolean {
  return a.kind !== 'lease' && !(a.kind === 'read' && b.kind === 'read')
}
