import { parseArgs } from 'node:util'
import { APACHE, commandKind, type ServerKind, VIVARIUM } from '../server-process.ts'
import { type Contest, compareServers, type Difference } from './compare.ts'
import { CONFIGURATIONS } from './configurations.ts'
import { makeScript } from './generator.ts'
import { describeStep, type Step } from './script.ts'
import { shrink } from './shrink.ts'

const USAGE = `Plays the same requests to two servers and compares what they answer.

  main.js [--seed N] [--requests N] [--config NAME,...] [--ours CMD] [--theirs CMD] [--avoid REGEX]
          [--shrink N]

  --config   ${Object.keys(CONFIGURATIONS).join(', ')}; by default all, one after another
  --ours, --theirs
             a command that takes the path of a zoo.cfg and runs a server in the foreground, or the word apache or
             vivarium; by default vivarium against apache
  --avoid    a regular expression: requests and connections it describes are left out, to look past a difference that is known
  --shrink   how often to try with a smaller script after a difference (40); 0 for not at all`

function kindOf(word: string, name: string): ServerKind {
  return word === 'apache' ? APACHE : word === 'vivarium' ? VIVARIUM : commandKind(name, word)
}

/** The script less the requests that the expression describes. */
function* without(expression: string | undefined, script: Iterable<Step>): Generator<Step> {
  const avoided = !expression ? null : new RegExp(expression)
  for (const step of script) {
    if (step.kind !== 'requests' || avoided === null) {
      if (avoided === null || !avoided.test(describeStep(step))) yield step
      continue
    }
    const requests = step.requests.filter((request) => !avoided.test(request.note))
    if (requests.length > 0) yield { ...step, requests }
  }
}

function tell(steps: readonly Step[], difference: Difference): void {
  for (const step of steps) console.log(`  ${describeStep(step)}`)
  for (const line of difference.before) console.log(`  both:   ${line}`)
  console.log(`  theirs: ${difference.theirs}\n  ours:   ${difference.ours}`)
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      requests: { type: 'string', default: '100000' },
      config: { type: 'string', default: Object.keys(CONFIGURATIONS).join(',') },
      ours: { type: 'string', default: 'vivarium' },
      theirs: { type: 'string', default: 'apache' },
      avoid: { type: 'string' },
      shrink: { type: 'string', default: '40' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const names = values.config.split(',')
  let failed = 0
  for (const name of names) {
    const configuration = CONFIGURATIONS[name]
    if (configuration === undefined) throw new Error(`there is no configuration ${name}`)
    const contest: Contest = {
      ...configuration,
      theirs: kindOf(values.theirs, 'theirs'),
      ours: kindOf(values.ours, 'ours'),
    }
    const share = Math.ceil(Number(values.requests) / names.length)
    const script = { seed: Number(values.seed), requests: share, ...configuration }
    const steps = () => without(values.avoid, makeScript(script))
    const started = Date.now()
    const result = await compareServers(contest, steps())
    const took = `${result.requests} requests in ${((Date.now() - started) / 1000).toFixed(1)} s, seed ${values.seed}`
    if (result.difference === null) {
      console.log(`${name}: no difference in ${took}`)
      continue
    }
    failed++
    console.log(
      `${name}: a difference after ${took}${result.difference.slot === null ? '' : `, on connection #${result.difference.slot}`}`,
    )
    const all = [...steps()]
    const { step } = result.difference
    if (step !== null) tell(all.slice(Math.max(0, step - 3), step + 1), result.difference)
    else tell([], result.difference)
    if (Number(values.shrink) === 0) continue
    const smaller = await shrink(contest, all, result.difference, Number(values.shrink))
    console.log(`the same or another difference with ${smaller.steps.length} steps (${smaller.attempts} attempts):`)
    tell(smaller.steps, smaller.difference)
  }
  console.log(`differential: ${names.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

main().then((code) => {
  process.exitCode = code
})
