import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeRandom } from '@vivarium/env/node'
import { kerberosLogin } from '../../../dist/shell/security/kerberos-login.js'

test('where Kerberos cannot be had, or has no keys, an attempt ends with the reason', async () => {
  const section = { mechanism: 'GSSAPI', principal: 'bob@NOWHERE', keyTab: '/none.keytab', ticketCache: null } as const
  const principal = { whole: 'zookeeper/zk1@NOWHERE', service: 'zookeeper', realm: null, canonical: true }
  const mechanism = kerberosLogin(section, principal, '/none.conf')
  assert.equal(mechanism.name, 'GSSAPI')
  await assert.rejects(async () => mechanism.start({ host: 'zk1', random: nodeRandom }).first())
})
