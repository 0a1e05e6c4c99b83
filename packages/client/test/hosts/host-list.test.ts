import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatHost, parseConnectString } from '../../dist/hosts/connect-string.js'
import { HostList } from '../../dist/hosts/host-list.js'
import { countingRandom } from '../fake/fake-ensemble.ts'

const hostsOf = (text: string) => parseConnectString(text).hosts

test('connect strings', () => {
  assert.deepEqual(parseConnectString('zk1, zk2:2182 ,[::1]:99,[fe80::2]/a/b'), {
    hosts: [
      { host: 'zk1', port: 2181 },
      { host: 'zk2', port: 2182 },
      { host: '::1', port: 99 },
      { host: 'fe80::2', port: 2181 },
    ],
    chroot: '/a/b',
  })
  assert.equal(parseConnectString('zk1/').chroot, '')
  assert.equal(formatHost({ host: '::1', port: 99 }), '[::1]:99')
  for (const wrong of ['', ',', '/a', 'zk1:0', 'zk1:65536', 'zk1:x', '::1:2181', 'zk1/a/', 'zk1//a', 'z k']) {
    assert.throws(() => parseConnectString(wrong), { code: 'BAD_ARGUMENT' }, wrong)
  }
})

test('every client walks the list in an order of its own, round and round', () => {
  const orders = new Set<string>()
  for (let seed = 0; seed < 200; seed++) {
    const list = new HostList(hostsOf('a,b,c'), countingRandom(seed * 7919))
    const order = [list.next(), list.next(), list.next()].map(({ host }) => host)
    assert.deepEqual([...order].sort(), ['a', 'b', 'c'])
    assert.deepEqual(
      [list.next(), list.next(), list.next()].map(({ host }) => host),
      order,
    )
    orders.add(order.join(''))
  }
  assert.equal(orders.size, 6)
})

test('the first attempt is made at once, a round is quick, and rounds come ever more slowly', () => {
  const list = new HostList(hostsOf('a,b'), countingRandom())
  assert.equal(list.delayMs(), 0)
  list.failed()
  assert.ok(list.delayMs() < 50)
  const pauses: number[] = []
  for (let round = 0; round < 8; round++) {
    list.failed()
    list.failed()
    pauses.push(list.delayMs())
  }
  assert.ok((pauses[0] as number) >= 50 && (pauses[0] as number) <= 100)
  assert.ok(pauses.every((pause) => pause <= 2000))
  assert.ok((pauses.at(-1) as number) >= 1000)
  list.connected()
  assert.equal(list.delayMs(), 0)
})

/** How many of many clients, spread evenly over `before`, are at each server after a change of the list. */
function spread(before: string, after: string): Record<string, number> {
  const clients = 6000
  const counts: Record<string, number> = {}
  const old = hostsOf(before)
  for (let i = 0; i < clients; i++) {
    const list = new HostList(old, countingRandom(i * 104_729 + 1))
    const mine = old[i % old.length] as (typeof old)[number]
    const { host } = list.update(hostsOf(after), mine) ? list.next() : mine
    counts[host] = (counts[host] ?? 0) + 1
  }
  return counts
}

for (const [before, after] of [
  ['a,b,c', 'a,b,c,d,e'],
  ['a,b,c,d,e', 'a,b,c'],
  ['a,b,c', 'a,b,d'],
  ['a,b,c', 'd,e'],
  ['a,b', 'b,c,d'],
] as const) {
  test(`clients are spread evenly when the list ${before} becomes ${after}`, () => {
    const counts = spread(before, after)
    const hosts = after.split(',')
    assert.deepEqual(Object.keys(counts).sort(), hosts)
    for (const host of hosts) {
      const share = (counts[host] as number) / (6000 / hosts.length)
      assert.ok(share > 0.9 && share < 1.1, `${host} has ${share} of its share`)
    }
  })
}

test('nobody moves when the list stays', () => {
  const list = new HostList(hostsOf('a,b,c'), countingRandom())
  assert.equal(list.update(hostsOf('c,b,a'), { host: 'a', port: 2181 }), false)
})
