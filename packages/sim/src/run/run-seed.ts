import { CHECKERS, checkAll, type Violation } from '../checkers/index.ts'
import { ENSEMBLE_FAULTS, FAULTS, type Fault, RARE_FAULTS } from '../faults/index.ts'
import type { History } from '../workloads/history.ts'
import type { Size } from '../world/random-config.ts'
import type { ServerMutation } from '../world/server-host.ts'
import type { TraceLine } from '../world/trace.ts'
import { audit } from './audit.ts'
import { committedHistory } from './committed-history.ts'
import { Simulation } from './simulation.ts'

export interface SeedOptions {
  readonly keepTrace?: boolean
  readonly mutation?: ServerMutation
  /** What goes wrong; by default the seed decides. */
  readonly faults?: readonly Fault[]
  /** Whether it is an ensemble; by default the seed decides. */
  readonly ensemble?: boolean
  /** What of the ensemble is not left to the seed. */
  readonly size?: Partial<Size>
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
/** An ensemble finds a leader first; members that have been looking for one for long do not ask often. */
const ENSEMBLE_RECOVERY_MS = 90_000

/** Runs one simulation from its seed, and judges it. */
export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const simulation = new Simulation({ seed, ...options })
  const { world, hosts, recorder, actors, archive, tickMs, isEnsemble } = simulation
  const faults = options.faults ?? chooseFaults(simulation)
  const recoveryMs = isEnsemble ? ENSEMBLE_RECOVERY_MS : RECOVERY_MS
  simulation.start()
  for (const fault of faults) fault.plan(simulation)
  const stalled: string[] = []
  const longestMs = Math.max(...actors.map(({ client }) => client.options.timeoutMs))
  await world.run(() => simulation.refused, simulation.activeMs)
  if (!simulation.refused) {
    world.trace.add('fault', 'no fault is left')
    simulation.heal()
    for (const actor of actors) actor.finish()
    const untilMs = world.nowMs + recoveryMs + 3 * longestMs
    await world.run(() => simulation.refused || actors.every(({ finished }) => finished), untilMs)
    for (const { finished, client } of simulation.refused ? [] : actors) {
      if (!finished)
        stalled.push(
          `${client.name} is not served ${Math.round(untilMs - simulation.activeMs)} ms after the last fault`,
        )
    }
  }
  // So long that the sessions of clients that did not come back must have ended.
  await world.run(() => simulation.refused, world.nowMs + longestMs + 2 * tickMs + 1000)
  const endMs = world.nowMs
  const replicas = simulation.refused ? null : await audit(simulation, recoveryMs)
  if (replicas === null && !simulation.refused) stalled.push('the servers do not serve after the last power cut')
  simulation.restoreRotten()
  const applied = hosts.flatMap((host) => host.applied)
  // Of a server that stands alone they are read once more: what had rotten is as it was.
  const lastLogs =
    isEnsemble && replicas !== null
      ? replicas.map(({ log }) => log)
      : hosts.map(({ sid, disk }) => archive.copy(sid, disk.memory, endMs, null))
  const history: History = {
    ...recorder,
    incidents: hosts.flatMap(({ incidents }) => incidents).sort((a, b) => a.ms - b.ms),
    transactions: isEnsemble ? committedHistory(archive.copies, applied, lastLogs) : (lastLogs[0]?.txns ?? []),
    finalTree: replicas?.[0]?.tree ?? null,
    tickMs,
    ensemble: isEnsemble,
    pair: simulation.size.voters === 2,
    localSessions: simulation.size.localSessions,
    upgrading: simulation.size.upgrading,
    logs: archive.copies,
    applied,
    zab: simulation.zab,
    replicas: replicas ?? [],
    digestMismatches: hosts.reduce((sum, host) => sum + host.allDigestMismatches, 0),
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

function chooseFaults({ random, isEnsemble }: Simulation): Fault[] {
  const share = random.pick([0, 0.15, 0.3, 0.5])
  const possible = isEnsemble ? [...FAULTS, ...ENSEMBLE_FAULTS] : FAULTS
  const chosen = possible.filter(() => random.chance(share))
  return !isEnsemble && random.chance(0.05) ? [...chosen, random.pick(RARE_FAULTS)] : chosen
}
