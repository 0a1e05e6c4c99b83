import { test } from 'node:test'
import { checkRoles } from '../dist/ensembles/roles.js'
import { adminTlsAnswers } from '../dist/security/admin-tls.js'
import { auditOf } from '../dist/security/audit.js'
import { fixture } from '../dist/security/fixtures.js'
import { checkRenewal } from '../dist/security/renewal.js'
import { revocationAnswers } from '../dist/security/revocation.js'
import { checkRollingSasl, checkSaslClients, checkSaslRoles, checkSaslStrangers } from '../dist/security/sasl.js'
import { checkTlsClients, inlineStores } from '../dist/security/tls-clients.js'
import { checkRollingEncryption, checkStrangers, SSL_QUORUM } from '../dist/security/tls-ensembles.js'
import { APACHE, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('security')

const STORES = {
  PEM: {},
  JKS: { keyStore: fixture('server.jks'), trustStore: fixture('trust.jks') },
  'PKCS#12': { keyStore: fixture('server-java.p12'), trustStore: fixture('trust.p12') },
}

for (const kind of [VIVARIUM, APACHE]) {
  for (const [format, stores] of Object.entries(STORES)) {
    test(`clients show their certificates to ${kind.name}, whose own are in ${format}`, (context) =>
      suite.withPeers(context, async () => {
        const { passed, failed } = await checkTlsClients(kind, stores)
        suite.report(passed.length, failed)
      }))
  }
}

for (const [keyStore, trustStore] of [
  ['server.pem', 'ca.pem'],
  ['server-java.p12', 'trust.jks'],
] as const) {
  test(`clients show their certificates to ${VIVARIUM.name}, whose zoo.cfg has ${keyStore} and ${trustStore} in it`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, failed } = await checkTlsClients(VIVARIUM, inlineStores(keyStore, trustStore))
      suite.report(passed.length, failed)
    }))
}

test('certificates are replaced under load', (context) =>
  suite.withPeers(context, async () => {
    const { passed, failed } = await checkRenewal(VIVARIUM)
    suite.report(passed.length, failed)
  }))

const [A, V] = [APACHE, VIVARIUM]

for (const kinds of [
  [V, V, V],
  [A, V, A],
  [V, A, V],
  [A, A, V],
]) {
  const names = kinds.map(({ name }) => name).join(', ')
  test(`${names}: all roles over TLS`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, complaints } = await checkRoles(kinds, { config: SSL_QUORUM })
      suite.report(passed, complaints)
    }))
}

for (const kinds of [
  [V, V, V],
  [A, V, A],
]) {
  const names = kinds.map(({ name }) => name).join(', ')
  test(`${names}: from plain to encrypted, member by member`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, complaints } = await checkRollingEncryption(kinds)
      suite.report(passed, complaints)
    }))
}

for (const kinds of [
  [V, V, V],
  [A, V, V],
]) {
  const names = kinds.map(({ name }) => name).join(', ')
  test(`${names}: the first is a stranger`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, complaints } = await checkStrangers(kinds)
      suite.report(passed, complaints)
    }))
}

for (const kind of [V, A]) {
  test(`clients authenticate by SASL at ${kind.name}`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, failed } = await checkSaslClients(kind)
      suite.report(passed.length, failed)
    }))
}

const SASL_CHECKS = {
  'all roles with SASL': checkSaslRoles,
  'SASL keeps strangers out': checkSaslStrangers,
  'to SASL member by member': checkRollingSasl,
}

for (const [name, run] of Object.entries(SASL_CHECKS)) {
  for (const kinds of [
    [V, V, V],
    [A, V, A],
    [V, A, V],
  ]) {
    test(`${kinds.map((kind) => kind.name).join(', ')}: ${name}`, (context) =>
      suite.withPeers(context, async () => {
        const { passed, complaints } = await run(kinds)
        suite.report(passed, complaints)
      }))
  }
}

const AS_APACHE = {
  'the admin server answers over TLS': adminTlsAnswers,
  'certificates are revoked': revocationAnswers,
  'who changes what is written down': auditOf,
}

for (const [what, lines] of Object.entries(AS_APACHE)) {
  test(`${what} as by Apache`, (context) =>
    suite.withPeers(context, async () => {
      const [ours, theirs] = [await lines(V), await lines(A)]
      const complaints = theirs.flatMap((line, at) => {
        return ours[at] === line ? [] : [`${at}: ${ours[at]}, Apache: ${line}`]
      })
      if (ours.length !== theirs.length) complaints.push(`${ours.length} lines, where Apache has ${theirs.length}`)
      suite.report(theirs.length, complaints)
    }))
}
