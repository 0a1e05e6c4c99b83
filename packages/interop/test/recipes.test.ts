import { test } from 'node:test'
import { contend } from '../dist/recipes/contest.js'
import { RECIPE_PEERS } from '../dist/recipes/recipe-peers.js'
import { APACHE, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('recipes')

// Against Apache first: what a program expects has to be right.
for (const kind of [APACHE, VIVARIUM]) {
  for (const peer of RECIPE_PEERS) {
    test(`ours and those of ${peer.name} contend at ${kind.name}`, (context) =>
      suite.withPeers(context, async () => {
        const checks = await contend(peer, kind)
        suite.report(checks.passed.length, checks.failed)
      }))
  }
}
