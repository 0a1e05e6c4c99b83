import { test } from 'node:test'
import { checkKerberosClients } from '../dist/kerberos/clients.js'
import { checkCanonicalNames, checkKerberosRoles, checkKerberosStrangers } from '../dist/kerberos/ensembles.js'
import { APACHE, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('kerberos')
const [A, V] = [APACHE, VIVARIUM]

for (const kind of [V, A]) {
  test(`clients authenticate by Kerberos at ${kind.name}`, (context) =>
    suite.withPeers(context, async () => {
      const { passed, failed } = await checkKerberosClients(kind)
      suite.report(passed.length, failed)
    }))
}

for (const [name, run] of Object.entries({
  'all roles with Kerberos': checkKerberosRoles,
  'all roles, by canonical names': checkCanonicalNames,
  'Kerberos keeps strangers out': checkKerberosStrangers,
})) {
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
