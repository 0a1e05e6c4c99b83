import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { StartError } from '../../../dist/index.js'
import { Kerberos } from '../../../dist/sasl/kerberos/kerberos.js'
import { startStandalone, temporaryDirectory } from '../../standalone/standalone.ts'

const installed = await Kerberos.load().then(
  () => true,
  () => false,
)

async function started(t: TestContext, krb5: string | null, required = 'true'): Promise<void> {
  const before = process.env.KRB5_CONFIG
  t.after(() => {
    if (before === undefined) delete process.env.KRB5_CONFIG
    else process.env.KRB5_CONFIG = before
  })
  const path = join(temporaryDirectory(t), 'krb5.conf')
  if (krb5 !== null) writeFileSync(path, krb5)
  await startStandalone(t, { requireKerberosConfig: required, 'java.security.krb5.conf': path })
}

const reasonFor = (pattern: RegExp) => (error: unknown) =>
  error instanceof StartError && error.code === 'CONFIG' && pattern.test(error.message)

test('requireKerberosConfig wants a default realm', { skip: !installed && 'Kerberos is not installed' }, async (t) => {
  await started(t, '[libdefaults]\n  default_realm = EXAMPLE.COM\n')
  const none = reasonFor(/^requireKerberosConfig: .*krb5\.conf is missing, or has no default_realm$/)
  await assert.rejects(started(t, '[libdefaults]\n'), none)
  await assert.rejects(started(t, null), none)
  await started(t, null, 'false')
})

test('requireKerberosConfig wants Kerberos', { skip: installed && 'Kerberos is installed' }, async (t) => {
  await assert.rejects(started(t, ''), reasonFor(/^requireKerberosConfig needs MIT's Kerberos/))
})
