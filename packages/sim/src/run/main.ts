import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runMutants } from '../mutants/run-mutants.ts'
import { tellRecipeSeed } from '../recipes/main.ts'
import { runRecipeMutants } from '../recipes/mutants/run-recipe-mutants.ts'
import { type Kind, reportSeed, runMany, serveJob } from './run-many.ts'
import { runSeed } from './run-seed.ts'
import { tellStory } from './story.ts'

const USAGE = `npm run sim -- --seed N [--verbose]             tells the story of one run
npm run sim -- --seeds COUNT [--from N] [--jobs N]  runs many; ends with 1 if a promise was broken
npm run sim -- --check-determinism [--seeds COUNT] [--from N]  runs each seed twice, and in a second process
npm run sim -- --mutants [--seeds MOST]             breaks the server on purpose, to see that it is noticed
--ensembles, --standalone: of that kind only; without them the seed decides
--recipes: with any of these, the client and its recipes`

const script = fileURLToPath(import.meta.url)

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '1' },
      verbose: { type: 'boolean', default: false },
      'check-determinism': { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      ensembles: { type: 'boolean', default: false },
      standalone: { type: 'boolean', default: false },
      recipes: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      job: { type: 'string' },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const from = Number(values.seed ?? values.from)
  const kind = kindOf(values)
  if (values.job !== undefined) {
    const [first, end, step] = values.job.split(',').map(Number) as [number, number, number]
    await serveJob(first, end, step, kind)
    return 0
  }
  if (values['check-determinism']) return checkDeterminism(from, Number(values.seeds ?? 1), kind)
  if (values.mutants) {
    const { seeds } = values
    const allNoticed = kind.recipes
      ? await runRecipeMutants(Number(seeds ?? 200), console.log)
      : await runMutants(Number(seeds ?? 100), kind, console.log)
    return allNoticed ? 0 : 1
  }
  if (values.seed !== undefined) {
    if (kind.recipes) return (await tellRecipeSeed(from, values.verbose, console.log)) ? 0 : 1
    const result = await runSeed(from, { keepTrace: true, ...kind })
    console.log(tellStory(result, values.verbose))
    return result.violations.length === 0 ? 0 : 1
  }
  if (values.seeds !== undefined) return many(from, Number(values.seeds), Number(values.jobs), kind)
  console.log(USAGE)
  return 2
}

function kindOf({ recipes, ensembles, standalone }: { [K in 'recipes' | 'ensembles' | 'standalone']: boolean }): Kind {
  if (recipes) return { recipes }
  return ensembles ? { ensemble: true } : standalone ? { ensemble: false } : {}
}

async function many(from: number, count: number, jobs: number, kind: Kind): Promise<number> {
  const startedMs = performance.now()
  let requests = 0
  let events = 0
  const failed: number[] = []
  await runMany({ from, count, jobs, script, kind }, (report) => {
    requests += report.requests
    events += report.events
    if (report.violations === null) return
    failed.push(report.seed)
    console.log(report.violations)
  })
  const minutes = (performance.now() - startedMs) / 60_000
  console.log(
    `${count} seeds, ${requests} ${kind.recipes ? 'holdings' : 'requests'}, ${events} events: ${Math.round(count / minutes)} seeds a minute ` +
      `with ${jobs} ${jobs === 1 ? 'job' : 'jobs'}. ` +
      (failed.length === 0 ? 'No promise was broken.' : `Broken by seeds ${failed.sort((a, b) => a - b).join(', ')}.`),
  )
  return failed.length === 0 ? 0 : 1
}

/** Twice here, and once in a process of its own, where nothing of the first runs is left. */
async function checkDeterminism(from: number, count: number, kind: Kind): Promise<number> {
  let different = 0
  const elsewhere = new Map<number, string>()
  await runMany({ from, count, jobs: 2, script, kind }, ({ seed, trace }) => void elsewhere.set(seed, trace))
  for (let seed = from; seed < from + count; seed++) {
    const traces = [(await reportSeed(seed, kind)).trace, (await reportSeed(seed, kind)).trace, elsewhere.get(seed)]
    if (new Set(traces).size === 1) console.log(`seed ${seed}: ${traces[0]}`)
    else {
      different++
      console.log(`seed ${seed}: the runs differ: ${traces.join(', ')}`)
    }
  }
  console.log(different === 0 ? `${count} seeds ran the same three times.` : `${different} of ${count} seeds differ.`)
  return different === 0 ? 0 : 1
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(error)
    process.exitCode = 1
  },
)
