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
import { ContentionLog, disorder, turns } from './contention-log.ts'
import { curatorContention, kazooContention } from './recipe-peers.ts'

const RECIPES = ['mutex', 'readwrite', 'semaphore', 'leader'] as const
const FAULT_MS = 400
/** Longer than a session lives, often. */
const LONGEST_PAUSE_MS = 5000

/** A program that contends until it is killed, and is started again then. */
class Contestant {
  readonly name: string
  readonly #command: Command
  #child: ChildProcess | null = null
  #isOver = false

  constructor(name: string, command: Command) {
    this.name = name
    this.#command = command
  }

  start(): void {
    const { file, args } = this.#command
    const child = spawn(file, args, { stdio: 'ignore' })
    this.#child = child
    // One that ends by itself, as where its client gives up, is started again, too.
    child.once('exit', () => {
      if (this.#child === child && !this.#isOver) this.start()
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  end(): void {
    this.#isOver = true
    this.signal('SIGKILL')
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
  const logs = new Map(RECIPES.map((recipe) => [recipe, new ContentionLog(zk, `/log/${recipe}`)] as const))
  const checks: Checks = { passed: [], failed: [] }
  try {
    for (const contestant of contestants) contestant.start()
    await everyoneHasATurn(logs, contestants)
    await disturb(server, contestants, seconds, new Prng(seed))
    await everyoneHasATurn(logs, contestants)
    for (const [recipe, log] of logs) {
      const entries = await log.read()
      const wrong = disorder(entries)
      if (wrong === null) checks.passed.push(`${recipe}: ${turns(entries)}`)
      else checks.failed.push(`${recipe}: ${wrong}`)
    }
  } catch (error) {
    checks.failed.push(String(error))
  } finally {
    for (const contestant of contestants) contestant.end()
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
    } else if (random.oneIn(3)) {
      contestant.signal('SIGSTOP')
      resumed.push(delay(random.below(LONGEST_PAUSE_MS)).then(() => contestant.signal('SIGCONT')))
    }
  }
  await Promise.all(resumed)
}

/** Waits until each has been in by each recipe, from now on. */
async function everyoneHasATurn(
  logs: ReadonlyMap<string, ContentionLog>,
  contestants: readonly Contestant[],
): Promise<void> {
  for (const [recipe, log] of logs) {
    const before = (await log.read()).length
    await eventually(`everyone has a turn at ${recipe}`, async () => {
      const seen = new Set((await log.read()).slice(before).map(({ who }) => who))
      return contestants.every(({ name }) => seen.has(name)) ? true : null
    })
  }
}
