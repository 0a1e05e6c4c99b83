import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CONTAINER_OWNER,
  counterOf,
  digestId,
  epochOf,
  formatZxid,
  makeZxid,
  ownerKind,
  sessionPassword,
  ttlOf,
  ttlOwner,
} from '@vivarium/protocol'
import { load, toHex } from './golden/load.ts'

interface Password {
  session: string
  password: string
}
interface User {
  user: string
  id: string
}
interface Owner {
  owner: string
  kinds: string[]
  ttl: number
}
interface ZxidParts {
  zxid: number
  epoch: number
  counter: number
  text: string
}

const lines = load<Password | User | Owner | ZxidParts>('identities')

test('the password of a session is the one that Java makes up', () => {
  const cases = lines.filter((line) => 'session' in line)
  assert.equal(cases.length, 200)
  for (const { session, password } of cases) assert.equal(toHex(sessionPassword(BigInt(session))), password)
})

test('the id of a user and password is the one that Java makes', () => {
  const cases = lines.filter((line) => 'user' in line)
  assert.equal(cases.length, 9)
  for (const { user, id } of cases) assert.equal(digestId(user), id)
})

test('owners are taken for what Java takes them for', () => {
  const names: { [java: string]: string } = { VOID: 'NONE', NORMAL: 'EPHEMERAL' }
  const seen = new Set<string>()
  for (const { owner, kinds, ttl } of lines.filter((line) => 'owner' in line)) {
    const ours = [
      { extendedTypes: false, emulate353: false },
      { extendedTypes: true, emulate353: false },
      { extendedTypes: true, emulate353: true },
    ].map((options) => ownerKind(BigInt(owner), options))
    assert.deepEqual(
      ours,
      kinds.map((kind) => names[kind] ?? kind),
      owner,
    )
    assert.equal(ttlOf(BigInt(owner)), ttl)
    for (const kind of ours) seen.add(kind)
  }
  assert.deepEqual([...seen].sort(), ['CONTAINER', 'EPHEMERAL', 'INVALID', 'NONE', 'TTL'])
})

test('the owners that we make are what we take them for', () => {
  const options = { extendedTypes: true, emulate353: false }
  assert.equal(ownerKind(CONTAINER_OWNER, options), 'CONTAINER')
  for (const { owner, kinds, ttl } of lines.filter((line) => 'owner' in line).slice(-3)) {
    assert.equal(kinds[1], 'TTL')
    assert.equal(ttlOwner(ttl), BigInt(owner))
  }
})

test('zxids are taken apart and put together as Java does', () => {
  for (const { zxid, epoch, counter, text } of lines.filter((line) => 'zxid' in line)) {
    assert.deepEqual([epochOf(zxid), counterOf(zxid), formatZxid(zxid)], [epoch, counter, `0x${text}`])
    assert.equal(makeZxid(epoch, counter), zxid)
  }
})
