import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addIdentity,
  authProviders,
  clientInfos,
  digestProvider,
  ensembleProvider,
  fixupAcl,
  grantedToAnyone,
  type Identity,
  ipProvider,
  parseIpAddress,
  redactAcl,
  saslProvider,
  toHostAddress,
  userNames,
  x509Provider,
} from '@vivarium/core'
import { type ACL, OPEN_ACL_UNSAFE, Perm } from '@vivarium/protocol'
import fc from 'fast-check'

const digest = digestProvider({ algorithm: 'sha1', superDigest: null })
const providers = authProviders(ipProvider, digest)

function entry(perms: number, scheme: string | null, id: string | null): ACL {
  return { perms, id: { scheme, id } }
}

test('entries that only look alike when put together are no duplicates', () => {
  const acl = [
    entry(1, 'digest', 'a:b'),
    entry(1, 'digest', 'a:c'),
    entry(2, 'digest', 'a:b'),
    entry(1, 'digest', 'a:b'),
  ]
  assert.deepEqual(fixupAcl(acl, [], providers), acl.slice(0, 3))
  assert.equal(fixupAcl([null], [], providers), 'INVALIDACL')
  assert.equal(fixupAcl(null, [], providers), 'INVALIDACL')
})

test('a list of a hundred thousand entries takes no longer than its length', () => {
  const acl = Array.from({ length: 100_000 }, (_, i) => entry(i, 'world', 'anyone'))
  assert.equal(fixupAcl(acl, [], providers).length, acl.length)
})

test('anyone is who does not need to say who they are', () => {
  assert.equal(grantedToAnyone(OPEN_ACL_UNSAFE, Perm.ADMIN), true)
  assert.equal(grantedToAnyone([], Perm.READ), true)
  assert.equal(grantedToAnyone([entry(1, 'world', 'anyone')], Perm.WRITE), false)
  assert.equal(grantedToAnyone([entry(1, 'world', 'bob'), entry(31, 'ip', 'anyone')], Perm.READ), false)
})

test('who is somebody already does not become so twice', () => {
  const identities: readonly Identity[] = [{ scheme: 'ip', id: '::1' }]
  assert.equal(addIdentity(identities, { scheme: 'ip', id: '::1' }), identities)
  const more = addIdentity(identities, { scheme: 'digest', id: 'a:b' })
  assert.deepEqual(more, [...identities, { scheme: 'digest', id: 'a:b' }])
  assert.equal(identities.length, 1)
})

test('getACL shows no hashes of passwords', () => {
  const acl = [
    entry(1, 'digest', 'bob:hash:more'),
    entry(2, 'ip', '::1'),
    entry(4, 'digest', 'odd'),
    entry(8, 'sasl', 'a:b'),
  ]
  assert.deepEqual(
    redactAcl(acl).map(({ id }) => id.id),
    ['bob:x', '::1', 'odd', 'a:b'],
  )
  assert.equal(acl[0]?.id.id, 'bob:hash:more')
})

test('whoAmI and the audit log name users, not passwords', () => {
  const identities = [
    { scheme: 'ip', id: '10.0.0.1' },
    { scheme: 'super', id: '' },
    { scheme: 'digest', id: 'bob:hash' },
  ]
  assert.deepEqual(clientInfos(identities, providers), [
    { authScheme: 'ip', user: '10.0.0.1' },
    { authScheme: 'super', user: '' },
    { authScheme: 'digest', user: 'bob' },
  ])
  assert.equal(userNames(identities, providers), '10.0.0.1,bob')
  assert.equal(userNames([{ scheme: 'super', id: '' }], providers), null)
})

test('an ensemble turns away clients that mean another', () => {
  const counts = { skipped: 0, succeeded: 0, failed: 0 }
  const provider = ensembleProvider('east, west', counts)
  const name = (text: string) => new TextEncoder().encode(text)
  assert.deepEqual(provider.authenticate(name('west'), ''), [])
  assert.equal(provider.authenticate(name('north'), ''), 'CLOSE')
  assert.deepEqual(provider.authenticate(null, ''), [])
  assert.deepEqual(ensembleProvider(null, counts).authenticate(name('north'), ''), [])
  assert.deepEqual(counts, { skipped: 2, succeeded: 1, failed: 1 })
  assert.equal(provider.isValid('west'), false)
})

test('an address is the identity of who authenticates with it', () => {
  assert.deepEqual(ipProvider.authenticate(null, '10.0.0.1'), [{ scheme: 'ip', id: '10.0.0.1' }])
})

test('some users of SASL and X.509 are meant by more than their own name', () => {
  const sasl = saslProvider('readers')
  assert.equal(sasl.authenticate(null, ''), 'AUTHFAILED')
  assert.deepEqual(
    [
      sasl.matches('bob', 'bob'),
      sasl.matches('bob', 'eve'),
      sasl.matches('super', 'eve'),
      sasl.matches('bob', 'readers'),
    ],
    [true, false, true, true],
  )
  assert.equal(saslProvider().matches('bob', 'readers'), false)
  const x509 = x509Provider('CN=root')
  assert.deepEqual(
    [x509.matches('CN=root', 'CN=a'), x509.matches('CN=a', 'CN=a'), x509.matches('CN=a', 'CN=root')],
    [true, true, false],
  )
  assert.equal(x509.authenticate(null, ''), 'AUTHFAILED')
})

test('addresses are written as Java writes them', () => {
  assert.equal(toHostAddress('::1'), '0:0:0:0:0:0:0:1')
  assert.equal(toHostAddress('2001:db8::8:800:200c:417a'), '2001:db8:0:0:8:800:200c:417a')
  assert.equal(toHostAddress('::ffff:10.0.0.1'), '10.0.0.1')
  assert.equal(toHostAddress('10.0.0.1'), '10.0.0.1')
  assert.equal(toHostAddress('fe80::1%eth0'), 'fe80:0:0:0:0:0:0:1%eth0')
  assert.equal(toHostAddress('nonsense'), 'nonsense')
})

test('a block holds an address exactly if their first bits are the same', () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
  const text = (address: Uint8Array) =>
    Array.from({ length: 8 }, (_, i) =>
      ((address[2 * i] as number) * 256 + (address[2 * i + 1] as number)).toString(16),
    ).join(':')
  const bitsOf = (address: Uint8Array) => Array.from(address, (byte) => byte.toString(2).padStart(8, '0')).join('')
  fc.assert(
    fc.property(bytes, fc.nat(127), fc.nat(128), (address, flipped, bits) => {
      const other = address.slice()
      other[flipped >> 3] = (other[flipped >> 3] as number) ^ (0x80 >> (flipped & 7))
      assert.deepEqual(parseIpAddress(text(address)), address)
      const same = bitsOf(address).slice(0, bits) === bitsOf(other).slice(0, bits)
      assert.equal(ipProvider.matches(text(other), `${text(address)}/${bits}`), same)
    }),
  )
})

test('no text makes a provider throw', () => {
  const texts = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...':./%0123456789abcCN=",;+\\#<> @') }))
  fc.assert(
    fc.property(texts, texts, (id, expression) => {
      for (const provider of [ipProvider, digest, saslProvider(), x509Provider()]) {
        assert.equal(typeof provider.isValid(expression), 'boolean')
        assert.equal(typeof provider.matches(id, expression), 'boolean')
        assert.equal(typeof provider.userName(id), 'string')
        // What matches an expression is nobody's if the expression could not have been stored.
        if (provider === ipProvider && provider.matches(id, expression))
          assert.equal(provider.isValid(expression), true)
      }
    }),
  )
})
