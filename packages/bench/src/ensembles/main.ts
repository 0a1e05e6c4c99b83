// node packages/bench/dist/ensembles/main.js [slow-member|failover|large-follower] [--kind=vivarium|apache] [--rounds=5]
// [--seconds=8] [--znodes=1000000]: what ensembles bear, as a line of JSON each. Exit code 1 if a goal is missed.
import { parseArgs } from 'node:util'
import { measureFailover } from './failover.ts'
import { APACHE, VIVARIUM } from './interop.ts'
import { measureLargeFollower } from './large-follower.ts'
import { measureSlowMember } from './slow-member.ts'

/** Writes keep at least so much of their rate when one of five members is not well. */
const LEAST_RATIO = 0.8
/** With znodes a leader is replaced in at most so many times what it takes without, as much as two trials differ by chance. */
const MOST_FAILOVER_RATIO = 1.25

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kind: { type: 'string', default: 'vivarium' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '8' },
    znodes: { type: 'string', default: '1000000' },
  },
})
const kind = values.kind === 'apache' ? APACHE : VIVARIUM
const [rounds, seconds, znodes] = [values.rounds, values.seconds, values.znodes].map(Number) as [number, number, number]
const wanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name)

if (wanted('slow-member')) {
  for (const disturbance of ['slow', 'flapping'] as const) {
    const result = await measureSlowMember(kind, disturbance, rounds, seconds)
    tell('slow-member', result, result.ratio >= LEAST_RATIO)
  }
}
if (wanted('failover')) {
  const none = await measureFailover(kind, 0, rounds)
  tell('failover', none, true)
  const many = await measureFailover(kind, znodes, rounds)
  tell('failover', many, many.medianMs <= none.medianMs * MOST_FAILOVER_RATIO)
}
if (wanted('large-follower')) {
  const result = await measureLargeFollower(kind, znodes, 2 * seconds)
  tell('large-follower', result, result.meanwhile.max < 1000)
}
process.exit()

function tell(scenario: string, result: object, reached: boolean): void {
  console.log(JSON.stringify({ scenario, kind: kind.name, reached, ...result }))
  if (!reached) process.exitCode = 1
}
