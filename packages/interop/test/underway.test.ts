import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bearing, bearingOf, bearingOfAll, CLOSING, NO_BEARING, Underway } from '../dist/differential/underway.js'
import { Op } from '../dist/opcodes.js'
import { OPEN_ACL } from '../dist/records.js'

/** Whether Apache would answer the second the same, however far it has got with the first. */
function isCertainBehind(first: Bearing, second: Bearing, enforcesQuota = false): boolean {
  const underway = new Underway(enforcesQuota)
  assert.ok(underway.isCertain(first))
  underway.add(first)
  return underway.isCertain(second)
}

test('behind a setACL only what is judged by its znode is left to chance', () => {
  const setAcl = bearingOf(Op.setAcl, '/a')
  assert.ok(!isCertainBehind(setAcl, bearingOf(Op.setData, '/a')))
  assert.ok(!isCertainBehind(setAcl, bearingOf(Op.create, '/a/b', OPEN_ACL)))
  assert.ok(!isCertainBehind(setAcl, bearingOf(Op.delete, '/a/b')))
  assert.ok(!isCertainBehind(setAcl, bearingOfAll([bearingOf(Op.check, '/b'), bearingOf(Op.check, '/a')])))
  assert.ok(!isCertainBehind(bearingOf(Op.setAcl, '/'), bearingOf(Op.delete, '/a')))
  assert.ok(isCertainBehind(setAcl, bearingOf(Op.delete, '/a')))
  assert.ok(isCertainBehind(setAcl, bearingOf(Op.setData, '/a/b')))
  assert.ok(isCertainBehind(setAcl, bearingOf(Op.getAcl, '/a')))
})

test('behind a container with the flag of an ephemeral, its children and the end of its session are', () => {
  const container = bearingOf(Op.createContainer, '/a', OPEN_ACL, 1)
  assert.ok(!isCertainBehind(container, bearingOf(Op.create, '/a/b', OPEN_ACL)))
  assert.ok(!isCertainBehind(container, CLOSING))
  assert.ok(isCertainBehind(container, bearingOf(Op.delete, '/a')))
  assert.ok(isCertainBehind(bearingOf(Op.createContainer, '/a', OPEN_ACL, 2), CLOSING))
})

test('a list that jute garbles is left to chance in a multi only', () => {
  const create = bearingOf(Op.create, '/a', [{ perms: 31, scheme: 'digest', id: '\u{1f600}:x' }])
  const setData = bearingOf(Op.setData, '/a')
  assert.ok(isCertainBehind(create, setData))
  assert.ok(!isCertainBehind(bearingOfAll([create]), setData))
  assert.ok(isCertainBehind(bearingOfAll([bearingOf(Op.create, '/a', OPEN_ACL)]), setData))
})

test('where quotas are enforced, what is held to one is left to chance behind what moves a usage', () => {
  const create = bearingOf(Op.create, '/q/x', OPEN_ACL)
  assert.ok(isCertainBehind(create, create))
  assert.ok(!isCertainBehind(create, create, true))
  assert.ok(!isCertainBehind(bearingOf(Op.delete, '/r'), create, true))
  assert.ok(isCertainBehind(create, bearingOf(Op.delete, '/q/x'), true))
  assert.ok(isCertainBehind(create, NO_BEARING, true))
})
