import { test } from 'node:test'
import { talkThroughCShell } from '../dist/clients/c-shell.js'
import { PEERS } from '../dist/clients/peers.js'
import { runChecks } from '../dist/clients/run-checks.js'
import { compareZkCli } from '../dist/clients/zk-cli.js'
import { APACHE, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('clients')

// Against Apache first: what a program expects has to be right.
for (const kind of [APACHE, VIVARIUM]) {
  for (const peer of PEERS) {
    test(`the ${peer.name} client with ${kind.name}`, (context) =>
      suite.withPeers(context, async () => {
        const checks = await runChecks(peer.prepare(), kind)
        suite.report(checks.passed.length, checks.failed)
      }))
  }

  test(`the C shell with ${kind.name}`, (context) =>
    suite.withPeers(context, async () => {
      const checks = await talkThroughCShell(kind)
      suite.report(checks.passed.length, checks.failed)
    }))
}

test('zkCli says the same with both', (context) =>
  suite.withPeers(context, async () => {
    const checks = await compareZkCli(VIVARIUM)
    suite.report(checks.passed.length, checks.failed)
  }))
