import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  DataTree,
  limitsPath,
  QUOTA_ROOT,
  Quotas,
  type QuotaTree,
  StatsTrack,
  statsPath,
  topNamespace,
} from '@vivarium/core'
import { OPEN_ACL_UNSAFE } from '@vivarium/protocol'
import fc from 'fast-check'

type Sums = Record<string, number>
type Step = [
  operation: 'create' | 'delete' | 'setData' | 'setQuota' | 'delQuota',
  path: string,
  argument: unknown,
  ...rest: unknown[],
]

/** Written by RecordQuotas.java. */
const recorded = JSON.parse(readFileSync(new URL('../../test/quota/quotas.recording', import.meta.url), 'utf8')) as {
  texts: Record<string, string | null>
  steps: Step[]
}

/** A tree that keeps its znodes in a map, and tells the quotas of what happens to them. */
class Tree implements QuotaTree {
  readonly nodes = new Map<string, Uint8Array | null>()
  readonly paths: string[] = []
  quotas = new Quotas(this, false)

  constructor() {
    for (const path of ['/', '/zookeeper', QUOTA_ROOT]) this.nodes.set(path, bytes(''))
  }

  find(path: string): number {
    if (!this.nodes.has(path)) return -1
    if (!this.paths.includes(path)) this.paths.push(path)
    return this.paths.indexOf(path)
  }

  pathOf(node: number): string {
    return this.paths[node] as string
  }

  data(node: number): Uint8Array | null {
    return this.nodes.get(this.pathOf(node)) ?? null
  }

  dataLength(node: number): number {
    return this.data(node)?.length ?? -1
  }

  setDataQuietly(node: number, data: Uint8Array): void {
    this.nodes.set(this.pathOf(node), data)
  }

  forEachChild(node: number, visit: (child: number) => void): void {
    const path = this.pathOf(node)
    for (const other of [...this.nodes.keys()]) if (other !== '/' && parentOf(other) === path) visit(this.find(other))
  }

  create(path: string, data: Uint8Array | null): boolean {
    if (this.nodes.has(path) || !this.nodes.has(parentOf(path))) return false
    this.nodes.set(path, data)
    this.quotas.created(path, data?.length ?? 0)
    return true
  }

  delete(path: string): boolean {
    const data = this.nodes.get(path)
    if (data === undefined || [...this.nodes.keys()].some((other) => other.startsWith(`${path}/`))) return false
    this.nodes.delete(path)
    this.quotas.deleted(path, data?.length ?? 0)
    return true
  }

  setData(path: string, data: Uint8Array | null): boolean {
    const before = this.nodes.get(path)
    if (before === undefined) return false
    this.nodes.set(path, data)
    this.quotas.dataSet(path, before?.length ?? 0, data?.length ?? 0)
    return true
  }

  createAll(path: string): void {
    for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1))
      this.create(path.slice(0, slash), bytes(''))
    this.create(path, bytes(''))
  }

  setQuota(path: string, limits: string): boolean {
    this.createAll(QUOTA_ROOT + path)
    const created = this.create(limitsPath(path), bytes(limits))
    this.create(statsPath(path), bytes('count=-1,bytes=-1'))
    return created
  }

  usage(path: string): string | undefined {
    const data = this.nodes.get(statsPath(path))
    return data == null ? undefined : new TextDecoder().decode(data)
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

test('quota texts are read and written as in Apache ZooKeeper', () => {
  for (const [text, result] of Object.entries(recorded.texts)) {
    assert.equal(StatsTrack.parse(text)?.toString() ?? null, result, JSON.stringify(text))
  }
})

test('what is written as a quota is read back', () => {
  const value = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  const key = fc.constantFrom('count', 'bytes', 'countHardLimit', 'byteHardLimit', 'other')
  fc.assert(
    fc.property(fc.dictionary(key, value), (values) => {
      const track = new StatsTrack()
      for (const [name, number] of Object.entries(values)) track.set(name, number)
      const read = StatsTrack.parse(track.toString())
      for (const name of ['count', 'bytes', 'countHardLimit', 'byteHardLimit', 'other']) {
        assert.equal(read?.get(name), values[name] ?? -1n)
      }
    }),
  )
})

test('no text makes the parser throw', () => {
  const texts = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'=,;-+019 countbytes') }))
  fc.assert(
    fc.property(texts, (text) => {
      const track = StatsTrack.parse(text)
      if (track !== null) assert.equal(StatsTrack.parse(track.toString())?.toString(), track.toString())
    }),
  )
})

test('a random script leads to the usages and metrics of Apache ZooKeeper', () => {
  const tree = new Tree()
  for (const [index, step] of recorded.steps.entries()) {
    const [operation, path, argument] = step
    const [usages, metrics] = step.slice(-2) as [Record<string, string>, [Sums, Sums, Sums, Sums]]
    const result = step.at(-3)
    const data = typeof argument === 'number' && argument >= 0 ? new Uint8Array(argument) : null
    const target = path.slice(QUOTA_ROOT.length)
    let got: boolean
    if (operation === 'create') got = tree.create(path, data)
    else if (operation === 'delete') got = tree.delete(path)
    else if (operation === 'setData') got = tree.setData(path, data)
    else if (operation === 'setQuota') got = tree.setQuota(target, argument as string)
    else {
      tree.delete(statsPath(target))
      got = tree.delete(limitsPath(target))
    }
    const where = `step ${index}: ${JSON.stringify(step)}`
    assert.equal(got, result, where)
    const quotaPaths = ['/a', '/a/b', '/ab', '/x/y'].filter((quota) => tree.usage(quota) !== undefined)
    assert.deepEqual(Object.fromEntries(quotaPaths.map((quota) => [quota, tree.usage(quota)])), usages, where)
    const [countLimit, bytesLimit, countUsage, bytesUsage] = metrics
    const namespaces = tree.quotas.namespaces()
    for (const [name, sums] of namespaces) {
      assert.deepEqual(
        [sums.countLimit, sums.bytesLimit, sums.countUsage, sums.bytesUsage].map(Number),
        [countLimit[name] ?? 0, bytesLimit[name] ?? 0, countUsage[name] ?? 0, bytesUsage[name] ?? 0],
        where,
      )
    }
    assert.deepEqual([...namespaces.keys()].sort(), Object.keys({ ...countLimit, ...countUsage }).sort(), where)
  }
})

test('a tree that was loaded has its quotas back, counted anew', () => {
  const tree = new Tree()
  tree.createAll('/a/b/c')
  tree.setData('/a/b', bytes('12345'))
  tree.setQuota('/a/b', 'count=10,bytes=100')
  tree.setQuota('/gone', 'count=10,bytes=100')
  tree.nodes.set(statsPath('/a/b'), bytes('nonsense'))
  tree.quotas = new Quotas(tree, false)
  assert.equal(tree.quotas.prefixOf('/a/b/c'), null)
  tree.quotas.reload()
  assert.equal(tree.usage('/a/b'), 'count=2,bytes=5')
  assert.equal(tree.usage('/gone'), 'count=0,bytes=0')
  assert.equal(tree.quotas.size, 2)
  assert.equal(tree.quotas.prefixOf('/a/b/c'), '/a/b')
  assert.equal(tree.quotas.prefixOf('/a'), null)
  assert.equal(tree.quotas.prefixOf('/a/bc'), null)
  assert.equal(tree.delete(limitsPath('/gone')), true)
  assert.equal(tree.quotas.size, 1)
  assert.equal(tree.quotas.prefixOf('/gone'), null)
})

test('a usage that somebody has overwritten with nonsense stays as it is', () => {
  const tree = new Tree()
  tree.createAll('/a')
  tree.setQuota('/a', 'count=1,bytes=-1')
  for (const text of ['nonsense', 'count=1', 'count=1,bytes=2=;x=3', 'count=1,bytes=-99999999999999999999']) {
    tree.nodes.set(statsPath('/a'), bytes(text))
    tree.create('/a/b', bytes('123'))
    const expected = { 'count=1': 'count=2,bytes=2', 'count=1,bytes=2=;x=3': 'count=2,bytes=5=;x=3' }[text] ?? text
    assert.equal(tree.usage('/a'), expected)
    tree.nodes.delete('/a/b')
  }
})

test('quotas that nobody can have are not registered', () => {
  const tree = new Tree()
  tree.create(`${QUOTA_ROOT}/zookeeper_limits`, bytes('count=1,bytes=1'))
  tree.createAll('/zookeeper/quotas/zookeeper_limits')
  assert.equal(tree.quotas.size, 0)
})

test('hard limits are kept, soft ones are reported', () => {
  const seen: [string, boolean, string][] = []
  const tree = new Tree()
  tree.quotas = new Quotas(tree, true, { quotaExceeded: (...event) => seen.push(event) })
  const { quotas } = tree
  assert.equal(quotas.checkCreate('/a/b', 1e9), 'OK')
  tree.createAll('/a/b')
  tree.setQuota('/a', 'count=1,bytes=1=;byteHardLimit=10;countHardLimit=3')
  assert.equal(tree.usage('/a'), 'count=2,bytes=0')
  // Where there is a hard limit, the soft one is not looked at.
  assert.equal(quotas.checkCreate('/a/c', 10), 'OK')
  assert.equal(quotas.checkCreate('/a/c', 11), 'QUOTAEXCEEDED')
  assert.equal(quotas.checkSetData('/a/b', 0, 11), 'QUOTAEXCEEDED')
  assert.equal(quotas.checkSetData('/a/b', 11, 11), 'OK')
  tree.create('/a/c', null)
  assert.equal(quotas.checkCreate('/a/d', 0), 'QUOTAEXCEEDED')
  assert.equal(quotas.checkSetData('/a/b', 0, 10), 'OK')
  assert.deepEqual(seen, [
    ['a', true, 'Quota exceeded: /a [current bytes=11, hardByteLimit=10]'],
    ['a', true, 'Quota exceeded: /a [current bytes=11, hardByteLimit=10]'],
    ['a', true, 'Quota exceeded: /a [current count=4, hardCountLimit=3]'],
  ])

  // Only the deepest quota counts.
  tree.setQuota('/a/b', 'count=1,bytes=-1')
  seen.length = 0
  assert.equal(quotas.checkCreate('/a/b/x', 1000), 'OK')
  assert.deepEqual(seen, [['a', false, 'Quota exceeded: /a/b [current count=2, softCountLimit=1]']])
  assert.equal(new Quotas(tree, false).checkCreate('/a/d', 1000), 'OK')
})

test('malformed limits are not enforced', () => {
  const tree = new Tree()
  tree.quotas = new Quotas(tree, true)
  tree.createAll('/a')
  tree.setQuota('/a', 'count=')
  assert.equal(tree.quotas.checkCreate('/a/b', 1), 'OK')
})

test('the namespace of a path is its first element', () => {
  assert.deepEqual(['/', '', '/a', '/a/b'].map(topNamespace), [null, null, 'a', 'a'])
})

test('the usage is written into a tree without a trace but for the data', () => {
  const tree = new DataTree({ hashSeed: 1 })
  const quotas = new Quotas(tree, true)
  const create = (path: string, text: string) => {
    const data = bytes(text)
    tree.createNode(path, data, tree.acls.intern(OPEN_ACL_UNSAFE), 0n, -1, 1, 0)
    quotas.created(path, data.length)
  }
  create('/a', 'abc')
  create(`${QUOTA_ROOT}/a`, '')
  create(limitsPath('/a'), 'count=5,bytes=9=;byteHardLimit=9')
  create(statsPath('/a'), '')
  const stats = tree.find(statsPath('/a'))
  const before = [tree.version(stats), tree.mzxid(stats), tree.mtime(stats)]
  create('/a/b', '12345')
  assert.equal(new TextDecoder().decode(tree.data(stats) ?? undefined), 'count=2,bytes=8')
  assert.deepEqual(before, [tree.version(stats), tree.mzxid(stats), tree.mtime(stats)])
  assert.equal(quotas.checkCreate('/a/c', 1), 'OK')
  assert.equal(quotas.checkCreate('/a/c', 2), 'QUOTAEXCEEDED')
  assert.deepEqual(Object.entries(quotas.namespaces().get('a') ?? {}), [
    ['countLimit', 5n],
    ['bytesLimit', 9n],
    ['countUsage', 2n],
    ['bytesUsage', 8n],
  ])
})
