// node packages/bench/dist/clients/watches/main.js [rearming|memory] [--watches=N] [--timeout=MS]: what the client bears, at our
// server and at Apache's, as a line of JSON each. Exit code 1 if a goal is missed.
import { parseArgs } from 'node:util'
import { APACHE, VIVARIUM } from '../interop.ts'
import { measureWatchMemory } from './memory.ts'
import { measureRearming } from './rearming.ts'

/** A watch may leave as much behind: less than a byte, since the heap is never quite the same. */
const MOST_BYTES = 1
const ROUNDS = 10

const { values, positionals } = parseArgs({
  options: { watches: { type: 'string' }, timeout: { type: 'string' } },
  allowPositionals: true,
})
const wanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name)

for (const kind of [VIVARIUM, APACHE]) {
  if (wanted('rearming')) {
    const sessionTimeoutMs = Number(values.timeout ?? 10_000)
    const result = await measureRearming({ kind, watches: Number(values.watches ?? 100_000), sessionTimeoutMs })
    const all = result.sameSession && result.told === result.watches && result.toldTwice === 0
    tell('rearming', result, all && result.sinceCutMs < sessionTimeoutMs)
  }
  if (wanted('memory')) {
    const result = await measureWatchMemory({ kind, watches: Number(values.watches ?? 1_000_000), rounds: ROUNDS })
    tell('memory', result, result.bytesPerWatch < MOST_BYTES)
  }
}
process.exit()

function tell(scenario: string, result: object, reached: boolean): void {
  console.log(JSON.stringify({ scenario, reached, ...result }))
  if (!reached) process.exitCode = 1
}
