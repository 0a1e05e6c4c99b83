import { test } from 'node:test'
import { compareTools } from '../dist/data-directories/compare-tools.js'
import { takeTurns, tryVariant, VARIANTS } from '../dist/data-directories/trial.js'
import { APACHE, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('directories')

for (const variant of VARIANTS) {
  for (const writer of [APACHE, VIVARIUM]) {
    test(`written by ${writer.name}, ${variant.name}, read by both`, (context) =>
      suite.withPeers(context, async () => suite.report(1, await tryVariant(writer, VIVARIUM, variant))))
  }
}

for (const writer of [APACHE, VIVARIUM]) {
  test(`our tools make of what ${writer.name} left what Apache's make of it`, (context) =>
    suite.withPeers(context, async () => suite.report(1, await compareTools(writer))))
}

test('written and read by both in turn', (context) =>
  suite.withPeers(context, async () => suite.report(1, await takeTurns(APACHE, VIVARIUM, 6))))
