import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GroupMember } from '../../../dist/recipes/index.js'
import { until } from '../support/caches.ts'
import { World } from '../support/world.ts'

const PATH = '/groups/workers'

const members = (member: GroupMember): string[] => [...member.members()].map(([id, data]) => `${id}=${data}`)

test('members know each other, come and go', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  await using first = await GroupMember.join(a.zk, PATH, 'w1', { data: 'one' })
  assert.deepEqual(members(first), ['w1=one'])
  const second = await GroupMember.join(b.zk, PATH, 'w0', { data: 'zero' })
  assert.deepEqual(members(second), ['w0=zero', 'w1=one'])
  await until(first.cache, () => first.members().size === 2)
  await second.setData('nil')
  await until(first.cache, () => first.members().get('w0')?.toString() === 'nil')
  await second.close()
  await until(first.cache, () => first.members().size === 1)
  assert.deepEqual(members(first), ['w1=one'])
})

test('one whose session ends is out, and in again in its next one', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  await using first = await GroupMember.join(a.zk, PATH, 'w1')
  await using second = await GroupMember.join(b.zk, PATH, 'w2')
  await until(first.cache, () => first.members().size === 2)
  const changes: string[] = []
  first.onChange(({ type }) => changes.push(type))
  await b.expire()
  await until(first.cache, () => changes.includes('deleted') && first.members().has('w2'))
  await second.node.present()
  // To itself a member is always in.
  assert.equal(second.members().has('w2'), true)
})
