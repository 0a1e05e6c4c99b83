import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  authProviders,
  digestProvider,
  fixupAcl,
  grantedPerms,
  ipProvider,
  saslProvider,
  x509Provider,
} from '@vivarium/core'
import { type ACL, encodeUtf8 } from '@vivarium/protocol'

type Ids = [scheme: string, id: string][]
type Entries = [perms: number, scheme: string | null, id: string | null][]

/** Written by RecordAuth.java. */
const recorded = JSON.parse(readFileSync(new URL('../../test/auth/auth.recording', import.meta.url), 'utf8')) as {
  addresses: string[]
  bits: string[]
  ipValid: string[]
  ipMatches: [id: string, expression: string][]
  digests: Record<string, string>
  malformedDigest: string
  digestIds: Record<string, boolean>
  saslIds: Record<string, boolean>
  x500Names: Record<string, boolean>
  fixups: [connection: Ids, acl: Entries, fixed: Entries | string][]
  checks: [connection: Ids, acl: Entries, wanted: number, allowed: boolean][]
}

const digest = digestProvider({ algorithm: 'sha1', superDigest: recorded.digests['super:test'] as string })
const providers = authProviders(ipProvider, digest, saslProvider())

test('addresses and blocks of them are read as in Apache ZooKeeper', () => {
  const expressions = recorded.addresses.flatMap((address) => recorded.bits.map((bits) => address + bits))
  const unique = [...new Set(expressions)]
  const valid = new Set(recorded.ipValid)
  for (const expression of unique) assert.equal(ipProvider.isValid(expression), valid.has(expression), expression)
  const matches = new Set(recorded.ipMatches.map(([id, expression]) => `${id} in ${expression}`))
  for (const expression of unique) {
    for (const id of recorded.addresses) {
      assert.equal(ipProvider.matches(id, expression), matches.has(`${id} in ${expression}`), `${id} in ${expression}`)
    }
  }
})

test('users and passwords become the ids of Apache ZooKeeper', () => {
  for (const [user, id] of Object.entries(recorded.digests)) {
    // Clients write UTF-8; jute's encoding of what is beyond 16 bits is another.
    const credentials = new TextEncoder().encode(user)
    const identity = { scheme: 'digest', id }
    const expected = user === 'super:test' ? [{ scheme: 'super', id: '' }, identity] : [identity]
    assert.deepEqual(digest.authenticate(credentials, ''), expected)
  }
  const malformed = Uint8Array.of(0x61, 0x3a, 0xff, 0xc3, 0x62)
  assert.deepEqual(digest.authenticate(malformed, ''), [{ scheme: 'digest', id: recorded.malformedDigest }])
  assert.equal(digest.authenticate(null, ''), 'AUTHFAILED')
  assert.notDeepEqual(
    digest.authenticate(encodeUtf8('super:test2'), ''),
    digest.authenticate(encodeUtf8('super:test'), ''),
  )
})

test('ids of the other schemes have the syntax of Apache ZooKeeper', () => {
  for (const [id, valid] of Object.entries(recorded.digestIds)) assert.equal(digest.isValid(id), valid, id)
  for (const [id, valid] of Object.entries(recorded.saslIds)) assert.equal(saslProvider().isValid(id), valid, id)
  for (const [name, valid] of Object.entries(recorded.x500Names)) {
    assert.equal(x509Provider().isValid(name), valid, name)
  }
})

test('lists are made fit to be stored as in Apache ZooKeeper', () => {
  for (const [connection, acl, fixed] of recorded.fixups) {
    const result = fixupAcl(aclOf(acl), identitiesOf(connection), providers)
    const expected = typeof fixed === 'string' ? fixed : aclOf(fixed)
    assert.deepEqual(result, expected, JSON.stringify([connection, acl]))
  }
})

test('permissions are granted as in Apache ZooKeeper', () => {
  for (const [connection, acl, wanted, allowed] of recorded.checks) {
    const granted = grantedPerms(aclOf(acl), identitiesOf(connection), providers)
    assert.equal((granted & wanted) !== 0, allowed, JSON.stringify([connection, acl, wanted]))
  }
})

function identitiesOf(ids: Ids) {
  return ids.map(([scheme, id]) => ({ scheme, id }))
}

function aclOf(entries: Entries): ACL[] {
  return entries.map(([perms, scheme, id]) => ({ perms, id: { scheme, id } }))
}
