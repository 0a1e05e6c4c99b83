import { CHECKERS, checkAll, type Violation } from '../checkers/index.ts'
import { FAULTS, type Fault, RARE_FAULTS } from '../faults/index.ts'
import type { FinalZnode, History } from '../workloads/history.ts'
import { DATA_DIRECTORY, type ServerMutation } from '../world/server-host.ts'
import type { TraceLine } from '../world/trace.ts'
import { readTransactionLog } from './read-log.ts'
import { readTree } from './read-tree.ts'
import { Simulation } from './simulation.ts'

export interface SeedOptions {
  readonly keepTrace?: boolean
  readonly mutation?: ServerMutation
  /** What goes wrong; by default the seed decides. */
  readonly faults?: readonly Fault[]
}

export interface SeedResult {
  readonly seed: number
  readonly violations: readonly Violation[]
  /** A hash of everything that happened. */
  readonly trace: string
  readonly lines: readonly TraceLine[]
  readonly history: History
  readonly events: number
}

/** How long everything may take to be well again, beyond what sessions and pauses take. */
const RECOVERY_MS = 30_000

/** Runs one simulation from its seed, and judges it. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const simulation = new Simulation({ seed, ...options })
  const { world, host, recorder, actors } = simulation
  const faults = options.faults ?? chooseFaults(simulation)
  simulation.start()
  for (const fault of faults) fault.plan(simulation)
  const stalled: string[] = []
  const longestMs = Math.max(...actors.map(({ client }) => client.options.timeoutMs))
  await world.run(() => host.refusal !== null, simulation.activeMs)
  if (host.refusal === null) {
    world.trace.add('fault', 'no fault is left')
    simulation.heal()
    for (const actor of actors) actor.finish()
    const untilMs = world.nowMs + RECOVERY_MS + 3 * longestMs
    const isOver = (): boolean => host.refusal !== null || actors.every(({ finished }) => finished)
    await world.run(isOver, untilMs)
    if (host.refusal === null) {
      for (const { finished, client } of actors) {
        if (!finished)
          stalled.push(
            `${client.name} is not served ${Math.round(untilMs - simulation.activeMs)} ms after the last fault`,
          )
      }
    }
  }
  // So long that the sessions of clients that did not come back must have ended.
  await world.run(() => host.refusal !== null, world.nowMs + longestMs + 2 * host.config.tickTimeMs + 1000)
  const endMs = world.nowMs
  const finalTree = host.refusal === null ? await audit(simulation, stalled) : null
  simulation.restoreRotten()
  const names = await listData(simulation)
  const history: History = {
    ...recorder,
    incidents: host.incidents,
    transactions: readTransactionLog(host.disk.memory, names),
    finalTree,
    tickMs: host.config.tickTimeMs,
    digestMismatches: host.digestMismatches + (host.running?.server.database.digestMismatches ?? 0),
    endMs,
    crashes: world.crashes,
    stalled,
    faults: faults.map(({ name }) => name),
  }
  const violations = checkAll(CHECKERS, history)
  for (const { checker, text } of violations) world.trace.add('verdict', `${checker}: ${text}`)
  if (violations.length === 0) world.trace.add('verdict', 'nothing that was promised was broken')
  return { seed, violations, trace: world.trace.digest(), lines: world.trace.lines, history, events: world.events }
}

function chooseFaults({ random }: Simulation): Fault[] {
  const share = random.pick([0, 0.15, 0.3, 0.5])
  const chosen = FAULTS.filter(() => random.chance(share))
  return random.chance(0.05) ? [...chosen, random.pick(RARE_FAULTS)] : chosen
}

/** The power fails once more, and takes all that was not synced: what a restart brings back is what there is. */
async function audit({ world, host }: Simulation, stalled: string[]): Promise<FinalZnode[] | null> {
  host.crash('lost')
  world.queue.after(1, () => {
    if (host.process === null) host.start()
  })
  const served = await world.run(() => host.serving || host.refusal !== null, world.nowMs + RECOVERY_MS)
  if (!served) stalled.push('the server does not start after the last power cut')
  return host.running === null ? null : readTree(host.running.server.database.tree)
}

/** The names of the server's files; none if it never came to have a directory. */
async function listData({ host, world }: Simulation): Promise<string[]> {
  let names: string[] | null = null
  host.disk.memory.list(DATA_DIRECTORY).then(
    (found) => {
      names = found
    },
    () => {
      names = []
    },
  )
  await world.run(() => names !== null, Number.POSITIVE_INFINITY)
  return names ?? []
}
