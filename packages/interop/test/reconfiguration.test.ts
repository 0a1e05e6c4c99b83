import { test } from 'node:test'
import { KAZOO, VIV, ZK_CLI } from '../dist/reconfiguration/askers.js'
import { checkChanges, checkGrowth } from '../dist/reconfiguration/reconfiguration.js'
import { compareRefusals } from '../dist/reconfiguration/refusals.js'
import { APACHE, type ServerKind, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('reconfiguration')
const [A, V] = [APACHE, VIVARIUM]

/** Of five, of which the third leads the first three. */
const ENSEMBLES: readonly (readonly ServerKind[])[] = [
  [A, A, A, A, A],
  [V, V, V, V, V],
  [A, V, A, V, A],
  [V, A, V, A, V],
]

for (const kinds of ENSEMBLES) {
  const names = kinds.map(({ name }) => name).join(', ')
  test(`${names}: grow and shrink`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, complaints } = await checkGrowth(kinds, [ZK_CLI, VIV, KAZOO])
      suite.report(passed, complaints)
    }))
}

for (const kinds of [
  [A, A, A],
  [V, V, V],
  [V, A, V],
  [A, V, A],
] as const) {
  const names = kinds.map(({ name }) => name).join(', ')
  test(`${names}: other roles and other ports`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, complaints } = await checkChanges(kinds)
      suite.report(passed, complaints)
    }))
}

test('what Apache refuses is refused, with the same code', (context) =>
  suite.withPeers(context, async () => {
    const { passed, complaints } = await compareRefusals(V)
    suite.report(passed, complaints)
  }))
