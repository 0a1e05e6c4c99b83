import { test } from 'node:test'
import { checkLocalSessions } from '../dist/ensembles/local-sessions.js'
import { checkObserverMasters } from '../dist/ensembles/observer-masters.js'
import { checkOracle } from '../dist/ensembles/oracle.js'
import { checkReadOnly } from '../dist/ensembles/read-only.js'
import { checkRoles } from '../dist/ensembles/roles.js'
import { checkRollOver } from '../dist/ensembles/roll-over.js'
import { APACHE, type ServerKind, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('modes')
const [A, V] = [APACHE, VIVARIUM]

const ENSEMBLES: readonly (readonly [ServerKind, ServerKind, ServerKind])[] = [
  [V, V, V],
  [V, A, A],
  [A, V, V],
  [A, A, A],
]

for (const kinds of ENSEMBLES) {
  const names = kinds.map(({ name }) => name).join(', ')
  for (const upgrading of [false, true]) {
    test(`${names}: local sessions${upgrading ? ', upgraded' : ''}`, (context) =>
      suite.withPeers(context, async () => {
        const { passed, complaints } = await checkLocalSessions(kinds, upgrading)
        suite.report(passed, complaints)
      }))
  }
}

const LOCAL = { localSessionsEnabled: 'true' }

for (const [survivor, others, config] of [
  [V, V, {}],
  [V, A, LOCAL],
  [A, V, LOCAL],
  [A, A, LOCAL],
] as const) {
  test(`${survivor.name} without ${others.name} is read-only`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, complaints } = await checkReadOnly(survivor, others, config)
      suite.report(passed, complaints)
    }))
}

for (const kinds of [
  [V, V],
  [V, A],
  [A, V],
  [A, A],
] as const) {
  test(`${kinds.map(({ name }) => name).join(' and ')} with an oracle`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, complaints } = await checkOracle(kinds)
      suite.report(passed, complaints)
    }))
}

const HOSTS = ['127.0.0.1', '127.0.0.2']
/**
 * Where nobody listens or can, on whatever network this runs: what goes there is to be discarded (RFC 6666). Addresses of
 * documentation will not do, which some gateways answer for all the world to be polite. With it, three of Apache's servers do
 * not find one another.
 */
const DEAD = '[100::1]'

for (const [kinds, hosts] of [
  ...ENSEMBLES.map((kinds) => [kinds, HOSTS] as const),
  [
    [V, V, V],
    [DEAD, ...HOSTS],
  ],
  [
    [A, V, V],
    [DEAD, ...HOSTS],
  ],
] as const) {
  test(`${kinds.map(({ name }) => name).join(', ')} at ${hosts.join(' and ')}`, (context) =>
    suite.withPeers(context, async () => {
      const config = { 'multiAddress.enabled': 'true' }
      // Apache's parser of these lines only looks at the system property.
      const system = { 'zookeeper.multiAddress.enabled': 'true' }
      const { passed, complaints } = await checkRoles(kinds, { config, system, hostsOf: () => hosts })
      suite.report(passed, complaints)
    }))
}

for (const [kinds, observer] of [
  [[V, V, V], V],
  [[V, V, V], A],
  [[A, A, A], V],
  [[V, V, A], A],
  [[A, A, V], A],
  [[A, A, A], A],
] as const) {
  const names = [...kinds, observer].map(({ name }) => name)
  test(`${names.pop()} observes through followers: ${names.join(', ')}`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, complaints } = await checkObserverMasters(kinds, observer)
      suite.report(passed, complaints)
    }))
}

for (const kinds of [...ENSEMBLES, [A, A, V] as const]) {
  test(`${kinds.map(({ name }) => name).join(', ')}: the counters of epochs run out`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, complaints } = await checkRollOver(kinds)
      suite.report(passed, complaints)
    }))
}
