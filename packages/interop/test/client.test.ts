import { test } from 'node:test'
import { checkOwnClient } from '../dist/clients/own-client.js'
import { APACHE, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('client')

// Against Apache first: what the client expects of a server has to be right.
for (const kind of [APACHE, VIVARIUM]) {
  test(`the TypeScript client with ${kind.name}`, (context) =>
    suite.withPeers(context, async () => {
      const checks = await checkOwnClient(kind)
      suite.report(checks.passed.length, checks.failed)
    }))
}
