import { test } from 'node:test'
import { checkDisturbedMember } from '../dist/ensembles/disturbed-member.js'
import { checkRoles } from '../dist/ensembles/roles.js'
import { checkRollingReplacement } from '../dist/ensembles/rolling.js'
import { checkTruncation } from '../dist/ensembles/truncation.js'
import { APACHE, type ServerKind, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('ensembles')
const [A, V] = [APACHE, VIVARIUM]

const ENSEMBLES: readonly (readonly [ServerKind, ServerKind, ServerKind])[] = [
  [V, V, V],
  [V, A, A],
  [A, V, A],
  [V, V, A],
  [A, A, V],
  [A, V, V],
]

for (const kinds of ENSEMBLES) {
  const names = kinds.map(({ name }) => name).join(', ')
  test(`${names}: all roles`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, complaints } = await checkRoles(kinds)
      suite.report(passed, complaints)
    }))

  test(`${names}: all roles, with snapshots from the leader`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, complaints } = await checkRoles(kinds, { config: { forceSnapshotSync: 'true' } })
      suite.report(passed, complaints)
    }))
}

for (const observer of [A, V]) {
  for (const leader of [A, V]) {
    test(`${observer.name} observes what ${leader.name} leads`, (context) =>
      suite.withPeers(context, async () => {
        const { passed, complaints } = await checkRoles([V, A, leader, observer], { observers: [4] })
        suite.report(passed, complaints)
      }))
  }
}

for (const [old, others] of [
  [V, A],
  [A, V],
  [V, V],
] as const) {
  test(`${old.name} is cut back to what ${others.name} has`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, complaints } = await checkTruncation(old, others)
      suite.report(passed, complaints)
    }))
}

test('an Apache ensemble is replaced member by member under load, and back', (context) =>
  suite.withPeers(context, async () => {
    const { passed, complaints } = await checkRollingReplacement(A, V)
    suite.report(passed, complaints)
  }))

for (const disturbance of ['slow', 'flapping'] as const) {
  test(`four members go on while the fifth is ${disturbance}`, async () => {
    const { passed, complaints } = await checkDisturbedMember(V, disturbance)
    suite.report(passed, complaints)
  })
}
