import { test } from 'node:test'
import { runClientSuites } from '../dist/clients/client-suites.js'
import { runSuitesUnderCuts } from '../dist/clients/cut-suites.js'
import { APACHE, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('client suites')

// With one server of ours they run in `npm test`.
for (const [kind, size] of [
  [APACHE, 1],
  [APACHE, 3],
  [VIVARIUM, 3],
] as const) {
  test(`the client's tests with ${size} of ${kind.name}`, (context) =>
    suite.withPeers(context, async () => {
      const checks = await runClientSuites(kind, size)
      suite.report(checks.passed.length, checks.failed)
    }))
}

/** Where they run while connections are cut: `apache 1`, `vivarium 3` and so on, or `all`. */
const CUT = process.env.VIVARIUM_INTEROP_CUT_SUITES ?? 'vivarium 1'

for (const kind of [APACHE, VIVARIUM]) {
  for (const size of [1, 3]) {
    const isWanted = CUT === 'all' || CUT.toLowerCase() === `${kind.name} ${size}`.toLowerCase()
    test(
      `the client's tests with ${size} of ${kind.name}, with connections cut all the time`,
      { skip: !isWanted },
      (context) =>
        suite.withPeers(context, async () => {
          const checks = await runSuitesUnderCuts(kind, size)
          suite.report(checks.passed.length, checks.failed)
        }),
    )
  }
}
