import { test } from 'node:test'
import { storm } from '../dist/recipes/storm.js'
import { APACHE, VIVARIUM } from '../dist/server-process.js'
import { SEED, Suite } from '../dist/suite.js'

const suite = new Suite('storm')
/** For how long connections are cut all the time: at each kind of servers. */
const SECONDS = Number(process.env.VIVARIUM_INTEROP_STORM_SECONDS ?? 4)

// Apache first: what recipes expect of servers has to be right.
for (const [kind, size] of [
  [APACHE, 1],
  [APACHE, 3],
  [VIVARIUM, 3],
] as const) {
  test(`recipes at ${size} of ${kind.name}, with connections cut all the time`, (context) =>
    suite.withPeers(context, async () => {
      const checks = await storm(kind, size, SECONDS, SEED)
      suite.report(checks.passed.length, checks.failed)
    }))
}
