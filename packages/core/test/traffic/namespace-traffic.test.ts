import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NamespaceTraffic } from '../../dist/index.js'

class Counted {
  readonly reads = new Map<string, number[]>()
  readonly writes = new Map<string, number[]>()
  readonly traffic = new NamespaceTraffic((namespace) => ({
    reads: { observe: (bytes) => this.#add(this.reads, namespace, bytes) },
    writes: { observe: (bytes) => this.#add(this.writes, namespace, bytes) },
  }))

  read(path: string, payload: number): void {
    const bytes = Buffer.from(`..${path}..`)
    this.traffic.read(bytes, 2, bytes.length - 2, payload)
  }

  #add(to: Map<string, number[]>, namespace: string, bytes: number): void {
    to.set(namespace, [...(to.get(namespace) ?? []), bytes])
  }
}

test('a read counts its path, what it got and a Stat, for the first part of its path', () => {
  const counted = new Counted()
  counted.read('/app/a/b', 10)
  counted.read('/app', 0)
  counted.read('/apple', 1)
  assert.deepEqual(
    [...counted.reads],
    [
      ['app', [8 + 10 + 68, 4 + 68]],
      ['apple', [6 + 1 + 68]],
    ],
  )
})

test('a write counts its path and its data', () => {
  const counted = new Counted()
  counted.traffic.wrote('/app/a', 5)
  counted.traffic.wrote('/app', 0)
  assert.deepEqual([...counted.writes], [['app', [11, 4]]])
})

test('the root has no namespace', () => {
  const counted = new Counted()
  counted.read('/', 5)
  counted.read('', 5)
  counted.traffic.wrote('/', 5)
  assert.deepEqual([counted.reads.size, counted.writes.size], [0, 0])
})

test('there is an end to namespaces', () => {
  const counted = new Counted()
  for (let i = 0; i < 10_001; i++) counted.read(`/n${i}`, 0)
  assert.equal(counted.reads.size, 10_000)
  counted.traffic.wrote('/n10000', 0)
  assert.equal(counted.writes.size, 0)
})

test('property: reads and writes of a path count for the same namespace, whatever came before', () => {
  const part = fc.stringMatching(/^[a-cé]{1,3}$/)
  fc.assert(
    fc.property(fc.array(fc.tuple(part, fc.array(part, { maxLength: 2 }), fc.boolean())), (accesses) => {
      const counted = new Counted()
      const reads = new Map<string, number>()
      const writes = new Map<string, number>()
      for (const [namespace, rest, write] of accesses) {
        const path = `/${[namespace, ...rest].join('/')}`
        if (write) counted.traffic.wrote(path, 0)
        else counted.read(path, 0)
        const to = write ? writes : reads
        to.set(namespace, (to.get(namespace) ?? 0) + 1)
      }
      const counts = (of: Map<string, number[]>): unknown =>
        Object.fromEntries([...of].map(([name, all]) => [name, all.length]))
      assert.deepEqual(counts(counted.reads), Object.fromEntries(reads))
      assert.deepEqual(counts(counted.writes), Object.fromEntries(writes))
    }),
  )
})
