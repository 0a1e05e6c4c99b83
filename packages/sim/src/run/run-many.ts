import { fork } from 'node:child_process'
import { reportRecipeSeed } from '../recipes/main.ts'
import { runSeed, type SeedOptions } from './run-seed.ts'
import { tellViolations } from './story.ts'

/** What a job reports of one seed. */
export interface SeedReport {
  readonly seed: number
  readonly trace: string
  /** How many requests of clients there were; of recipes: how often something was held. */
  readonly requests: number
  readonly events: number
  /** Null if nothing was broken. */
  readonly violations: string | null
}

/** Which seeds' runs are wanted: those of ensembles, those of servers that stand alone; undefined: the seed decides. */
export interface Kind extends Pick<SeedOptions, 'ensemble'> {
  /** Those of the client and its recipes. */
  readonly recipes?: boolean
}

export async function reportSeed(seed: number, kind: Kind = {}): Promise<SeedReport> {
  if (kind.recipes) return await reportRecipeSeed(seed)
  const result = await runSeed(seed, kind)
  return {
    seed,
    trace: result.trace,
    requests: result.history.operations.length,
    events: result.events,
    violations: result.violations.length === 0 ? null : tellViolations(result, flagsOf(kind)),
  }
}

/** Runs seeds `from`, `from + step` … below `end` in this process, for {@link runMany} in another. */
export async function serveJob(from: number, end: number, step: number, kind: Kind): Promise<void> {
  // Nobody is there to report to when the first process has been stopped.
  const abandoned = (): void => process.exit(1)
  process.once('disconnect', abandoned)
  for (let seed = from; seed < end; seed += step) process.send?.(await reportSeed(seed, kind))
  process.off('disconnect', abandoned)
  process.disconnect?.()
}

/** Runs `count` seeds in `jobs` processes, and calls `report` for each in the order in which they end. */
export async function runMany(
  options: {
    readonly from: number
    readonly count: number
    readonly jobs: number
    readonly script: string
    readonly kind?: Kind
  },
  report: (report: SeedReport) => void,
): Promise<void> {
  const { from, count, jobs, script, kind = {} } = options
  if (jobs <= 1) {
    for (let seed = from; seed < from + count; seed++) report(await reportSeed(seed, kind))
    return
  }
  const job = (index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const seeds = `${from + index},${from + count},${jobs}`
      // The other jobs have the other cores: threads of a collector would only be in their way.
      const execArgv = [...process.execArgv, '--single-threaded-gc']
      const child = fork(script, ['--job', seeds, ...flagsOf(kind)], { execArgv })
      child.on('message', (message) => report(message as SeedReport))
      child.on('error', reject)
      child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a job ended with ${code}`))))
    })
  await Promise.all(Array.from({ length: jobs }, (_, index) => job(index)))
}

/** How a command says what is wanted. */
export function flagsOf({ ensemble, recipes }: Kind): string[] {
  if (recipes) return ['--recipes']
  return ensemble === undefined ? [] : [ensemble ? '--ensembles' : '--standalone']
}
