import { test } from 'node:test'
import { APACHE, ServerProcess, VIVARIUM } from '../dist/server-process.js'
import { compareReconfig, compareShells } from '../dist/shells/compare.js'
import { reachSecurely } from '../dist/shells/secure.js'
import { askMixedEnsemble } from '../dist/shells/status.js'
import { talkAtTerminal } from '../dist/shells/terminal.js'
import { transferTrees } from '../dist/shells/transfer.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('shells')

for (const kind of [APACHE, VIVARIUM]) {
  test(`our shell with ${kind.name} says what zkCli says with Apache`, (context) =>
    suite.withPeers(context, async () => {
      const checks = await compareShells(kind)
      suite.report(checks.passed.length, checks.failed)
    }))
}

test('our shell says of reconfig what zkCli says', (context) =>
  suite.withPeers(context, async () => {
    const checks = await compareReconfig(APACHE)
    suite.report(checks.passed.length, checks.failed)
  }))

test('our shell completes, remembers and interrupts at a terminal', (context) =>
  suite.withPeers(context, async () => {
    const server = await ServerProcess.start(APACHE)
    try {
      const checks = await talkAtTerminal(server)
      suite.report(checks.passed.length, checks.failed)
    } finally {
      await server.dispose()
    }
  }))

test('trees go from Apache to ours and back', (context) =>
  suite.withPeers(context, async () => {
    const checks = await transferTrees()
    suite.report(checks.passed.length, checks.failed)
  }))

test('our shell proves who it is, as the configuration of zkCli says', (context) =>
  suite.withPeers(context, async () => {
    const checks = await reachSecurely()
    suite.report(checks.passed.length, checks.failed)
  }))

test('our shell shows the state of an ensemble of both kinds', (context) =>
  suite.withPeers(context, async () => {
    const checks = await askMixedEnsemble()
    suite.report(checks.passed.length, checks.failed)
  }))
