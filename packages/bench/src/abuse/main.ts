// node packages/bench/dist/abuse/main.js [leader-change|half-open|event-streams|console|encryption|scraping] [--sessions=50000] [--members=5]
// [--timeout=30000] [--sockets=10000] [--seconds=10] [--streams=10000]
// [--znodes=1000000] [--rounds=5] [--browser]: what servers, and a gateway before them, bear, as a line of JSON each. Exit code 1 if a goal is missed.
import { measureConsole } from './console.ts'
import { measureEncryption } from './encryption.ts'
import { measureEventStreams } from './event-streams.ts'
import { measureHalfOpen } from './half-open.ts'
import { measureLeaderChange } from './leader-change.ts'
import { measureScraping } from './scraping.ts'

/** So many sessions a process of clients has: it may not open more than about 20 000 files. */
const SESSIONS_PER_CROWD = 15_000
/** The p99 of others may be so many times what it was. */
const MOST_RATIO = 1.2
/** The same beside a console, which shows itself within a second. */
const MOST_CONSOLE_RATIO = 1.1
const FIRST_PAINT_MS = 1000
/** Of what a console asks at the very end, the answers are not waited for. */
const LEAST_ANSWERED = 0.9
/** Over TLS there are to be at least so many answers for one in the clear. */
const LEAST_ENCRYPTED = 0.7
/** And while Prometheus asks for metrics every second, for one while it does not. */
const LEAST_SCRAPED = 0.99

const options = new Map(
  process.argv.slice(2).map((word): [string, string] => {
    const [name = '', value = ''] = word.replace(/^--/, '').split('=')
    return [name, value]
  }),
)
const SCENARIOS = ['leader-change', 'half-open', 'event-streams', 'console', 'encryption', 'scraping']
const wanted = (name: string): boolean => options.has(name) || !SCENARIOS.some((each) => options.has(each))
const number = (name: string, otherwise: number): number => Number(options.get(name) || otherwise)

if (wanted('leader-change')) {
  const sessions = number('sessions', 50_000)
  const timeoutMs = number('timeout', 30_000)
  const crowds = Math.ceil(sessions / SESSIONS_PER_CROWD)
  const result = await measureLeaderChange({ members: number('members', 5), sessions, timeoutMs, crowds })
  tell('leader-change', result, result.expired === 0 && result.reattachedMs <= timeoutMs / 2)
}
if (wanted('half-open')) {
  const result = await measureHalfOpen({
    sockets: number('sockets', 10_000),
    seconds: number('seconds', 10),
    rounds: number('rounds', 3),
  })
  tell('half-open', result, result.ratio <= MOST_RATIO)
}
if (wanted('event-streams')) {
  const streams = number('streams', 10_000)
  const result = await measureEventStreams({ streams, paths: 100, changes: 5, pauseMs: 20, crowds: 2 })
  tell('event-streams', result, result.wrong === 0 && result.arrived === result.expected)
}
if (wanted('console')) {
  const [znodes, seconds, rounds] = [number('znodes', 1_000_000), number('seconds', 10), number('rounds', 5)]
  const result = await measureConsole({ znodes, seconds, rounds, inBrowser: options.has('browser') })
  const isAsked = result.answered >= (result.inBrowser ? 1 : result.requests * LEAST_ANSWERED)
  tell('console', result, result.firstPaintMs < FIRST_PAINT_MS && isAsked && result.ratio <= MOST_CONSOLE_RATIO)
}
if (wanted('encryption')) {
  const result = await measureEncryption({ seconds: number('seconds', 5), rounds: number('rounds', 5) })
  tell('encryption', result, result.reads.ratio >= LEAST_ENCRYPTED && result.writes.ratio >= LEAST_ENCRYPTED)
}
if (wanted('scraping')) {
  const result = await measureScraping({ seconds: number('seconds', 2), rounds: number('rounds', 30) })
  tell('scraping', result, result.reads.ratio >= LEAST_SCRAPED && result.writes.ratio >= LEAST_SCRAPED)
}
process.exit()

function tell(scenario: string, result: object, reached: boolean): void {
  console.log(JSON.stringify({ scenario, reached, ...result }))
  if (!reached) process.exitCode = 1
}
