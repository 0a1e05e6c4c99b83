import type { TraceLine } from '../world/trace.ts'
import { judge, type RecipeViolation } from './checkers/index.ts'
import type { Journal } from './journal.ts'
import { RECIPE_FAULTS } from './recipe-faults.ts'
import { RecipeSimulation, type RecipeSimulationOptions } from './recipe-simulation.ts'

export interface RecipeSeedOptions extends Omit<RecipeSimulationOptions, 'seed'> {
  /** What goes wrong, by name; by default the seed decides. */
  readonly faults?: readonly string[] | undefined
}

export interface RecipeResult {
  readonly seed: number
  readonly violations: readonly RecipeViolation[]
  /** A hash of everything that happened. */
  readonly trace: string
  readonly lines: readonly TraceLine[]
  readonly events: number
  readonly ms: number
  readonly journal: Journal
  /** What was done, and what went wrong meanwhile. */
  readonly title: string
}

/** Runs participants with recipes from a seed, and judges what they did. */
export async function runRecipeSeed(seed: number, options: RecipeSeedOptions = {}): Promise<RecipeResult> {
  const simulation = new RecipeSimulation({ seed, ...options })
  const { world, random, recorder, workloads, hosts, participants } = simulation
  const share = random.pick([0, 0.2, 0.4, 0.7])
  const drawn = RECIPE_FAULTS.filter(() => random.chance(share))
  const faults =
    options.faults === undefined ? drawn : RECIPE_FAULTS.filter(({ name }) => options.faults?.includes(name))
  for (const fault of faults) fault.plan(simulation)
  await simulation.run()
  const violations = judge(recorder)
  for (const { checker, text } of violations) world.trace.add('verdict', `${checker}: ${text}`)
  const what = `${workloads.map(({ name }) => name).join(', ')}; ${participants.length} participants, ${hosts.length} servers`
  const wrong = [...new Set(faults.map(({ name }) => name))].join(', ') || 'no fault'
  const { events, trace } = world
  const title = `${what}; ${wrong}`
  return {
    seed,
    violations,
    trace: trace.digest(),
    lines: trace.lines,
    events,
    ms: world.nowMs,
    journal: recorder,
    title,
  }
}
