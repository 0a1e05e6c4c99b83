import { test } from 'node:test'
import { runClientSuites } from '../dist/clients/client-suites.js'
import { RUNTIMES } from '../dist/clients/runtimes.js'
import { VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('runtimes')

for (const runtime of RUNTIMES) {
  test(`the client's tests in ${runtime.name}`, (context) =>
    suite.withPeers(context, async () => {
      const checks = await runClientSuites(VIVARIUM, 1, runtime)
      suite.report(checks.passed.length, checks.failed)
    }))
}
