import { test } from 'node:test'
import { runClientSuites } from '../dist/clients/client-suites.js'
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
