import { test } from 'node:test'
import { discoverWithCurator, partyWithKazoo } from '../dist/recipes/discovery.js'
import { APACHE, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('discovery')

// Against Apache first: what a program expects has to be right.
for (const kind of [APACHE, VIVARIUM]) {
  test(`ours and Curator's find each other at ${kind.name}`, (context) =>
    suite.withPeers(context, async () => {
      const checks = await discoverWithCurator(kind)
      suite.report(checks.passed.length, checks.failed)
    }))

  test(`ours and kazoo's see each other in parties at ${kind.name}`, (context) =>
    suite.withPeers(context, async () => {
      const checks = await partyWithKazoo(kind)
      suite.report(checks.passed.length, checks.failed)
    }))
}
