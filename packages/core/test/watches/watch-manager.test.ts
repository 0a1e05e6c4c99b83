import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  setWatches,
  type WatchEvent,
  type Watcher,
  WatchManager,
  type WatchSet,
  watchesByPath,
  watchesBySession,
  watchSummary,
} from '@vivarium/core'
import { type ACL, EventType, OPEN_ACL_UNSAFE, WatcherType } from '@vivarium/protocol'
import fc from 'fast-check'

const OPEN = OPEN_ACL_UNSAFE
const CLOSED: readonly ACL[] = [{ perms: 1, id: { scheme: 'digest', id: 'bob:x' } }]

class Recorder implements Watcher {
  readonly sessionId: bigint
  watchSet: WatchSet | null = null
  readonly events: WatchEvent[] = []
  reads = true
  onEvent: () => void = () => {}

  constructor(sessionId = 1n) {
    this.sessionId = sessionId
  }

  mayRead(): boolean {
    return this.reads
  }

  notify(event: WatchEvent): void {
    this.events.push(event)
    this.onEvent()
  }

  /** What was told since the last call: `type path zxid`. */
  take(): string[] {
    return this.events.splice(0).map(({ type, path, zxid }) => `${type} ${path} ${zxid}`)
  }
}

test('one-shot watches are told once, and leave nothing behind', () => {
  const watches = new WatchManager()
  const watcher = new Recorder()
  assert.equal(watches.addDataWatch('/a', watcher), true)
  assert.equal(watches.addDataWatch('/a', watcher), false)
  watches.addChildWatch('/', watcher)
  watches.created('/a', 5, OPEN, OPEN)
  watches.changed('/a', 6, OPEN)
  assert.deepEqual(watcher.take(), ['1 /a 5', '4 / 5'])
  assert.equal(watches.size, 0)
  assert.equal(watches.data.pathCount + watches.child.pathCount, 0)
  assert.equal(watcher.watchSet?.modes.size, 0)
})

test('who watches data and children of a znode is told once of its deletion', () => {
  const found: number[][] = []
  const watches = new WatchManager({ watchersFound: (type, count) => found.push([type, count]) })
  const both = new Recorder()
  const child = new Recorder()
  watches.addDataWatch('/a', both)
  watches.addChildWatch('/a', both)
  watches.addChildWatch('/a', child)
  watches.deleted('/a', 7, OPEN, OPEN)
  assert.deepEqual(both.take(), ['2 /a 7'])
  assert.deepEqual(child.take(), ['2 /a 7'])
  // Both are counted in the child table, as the metric node_deleted_watch_count does in Java.
  assert.deepEqual(found, [
    [EventType.NodeDeleted, 1],
    [EventType.NodeDeleted, 2],
  ])
  assert.equal(watches.size, 0)
})

test('a recursive watch hears of all below it, once per change, and of no child lists', () => {
  const watches = new WatchManager()
  const watcher = new Recorder()
  watches.addPersistentWatch('/', watcher, true)
  watches.addPersistentWatch('/a', watcher, true)
  watches.addDataWatch('/a/b', watcher)
  watches.created('/a/b', 1, OPEN, OPEN)
  watches.changed('/a/b', 2, OPEN)
  watches.deleted('/a/b', 3, OPEN, OPEN)
  watches.changed('/', 4, OPEN)
  watches.changed('/ab', 5, OPEN)
  assert.deepEqual(watcher.take(), ['1 /a/b 1', '3 /a/b 2', '2 /a/b 3', '3 / 4', '3 /ab 5'])
  assert.equal(watches.data.recursiveCount, 2)
  assert.equal(watches.remove('/', WatcherType.PersistentRecursive, watcher), true)
  assert.equal(watches.remove('/', WatcherType.PersistentRecursive, watcher), false)
  watches.changed('/ab', 6, OPEN)
  assert.deepEqual(watcher.take(), [])
})

test('what a connection may not read it is not told, and its watch is used up all the same', () => {
  const watches = new WatchManager()
  const watcher = new Recorder()
  watcher.reads = false
  watches.addDataWatch('/a', watcher)
  watches.addChildWatch('/', watcher)
  watches.deleted('/a', 1, CLOSED, OPEN)
  assert.deepEqual(watcher.take(), ['4 / 1'])
  assert.equal(watches.size, 0)
  // What was missed is told unfiltered.
  const tree = { find: () => -1, mzxid: () => 0, pzxid: () => 0 }
  setWatches(watches, tree, 0, { dataWatches: ['/a'], existWatches: [], childWatches: [] }, watcher)
  assert.deepEqual(watcher.take(), ['2 /a -1'])
})

test('watchers of one path are told in the order in which they came, with one event', () => {
  const watches = new WatchManager()
  const order: number[] = []
  const watchers = [3, 1, 2].map((number) => {
    const watcher = new Recorder(BigInt(number))
    watcher.onEvent = () => order.push(number)
    watches.addDataWatch('/a', watcher)
    return watcher
  })
  watches.changed('/a', 1, OPEN)
  assert.deepEqual(order, [3, 1, 2])
  const events = new Set(watchers.map(({ events }) => events[0]))
  assert.equal(events.size, 1)
})

test('a connection that closes while others are told is neither told nor kept', () => {
  const watches = new WatchManager()
  const first = new Recorder()
  const second = new Recorder()
  watches.addPersistentWatch('/a', first, false)
  watches.addPersistentWatch('/a', second, true)
  first.onEvent = () => {
    watches.removeWatcher(second)
    watches.removeWatcher(first)
  }
  watches.changed('/a', 1, OPEN)
  assert.deepEqual(first.take(), ['3 /a 1'])
  assert.deepEqual(second.take(), [])
  assert.equal(watches.size, 0)
  assert.equal(watches.data.recursiveCount, 0)
  // A read that was still under way sets its watch too late.
  assert.equal(watches.addDataWatch('/a', first), false)
  watches.addPersistentWatch('/a', first, true)
  assert.equal(watches.size, 0)
})

test('after clear the same connections can watch again', () => {
  const watches = new WatchManager()
  const watcher = new Recorder()
  watches.addDataWatch('/a', watcher)
  watches.addPersistentWatch('/a', watcher, true)
  watches.clear()
  watches.changed('/a', 1, OPEN)
  assert.deepEqual(watcher.take(), [])
  assert.equal(watches.addDataWatch('/a', watcher), true)
  assert.equal(watches.size, 1)
  watches.changed('/a/b', 2, OPEN)
  assert.deepEqual(watcher.take(), [])
})

test('the four-letter words count and list the data table', () => {
  const watches = new WatchManager()
  const one = new Recorder(0x10n)
  const two = new Recorder(-1n)
  const onlyChildren = new Recorder(0x11n)
  watches.addDataWatch('/a', one)
  watches.addDataWatch('/a', two)
  watches.addPersistentWatch('/b', one, true)
  watches.addChildWatch('/c', two)
  watches.addChildWatch('/c', onlyChildren)
  const sets = [one, two, onlyChildren].map(({ watchSet }) => watchSet as WatchSet)
  assert.deepEqual(watchSummary(watches.data), { connections: 2, paths: 2, watches: 3 })
  assert.deepEqual(
    [...watchesByPath(watches.data)],
    [
      ['/a', [0x10n, -1n]],
      ['/b', [0x10n]],
    ],
  )
  assert.deepEqual(
    [...watchesBySession(watches.data, sets)],
    [
      [0x10n, ['/a', '/b']],
      [-1n, ['/a']],
    ],
  )
  watches.changed('/a', 1, OPEN)
  assert.deepEqual(watchSummary(watches.data), { connections: 1, paths: 1, watches: 1 })
  assert.deepEqual([...watchesBySession(watches.data, sets)], [[0x10n, ['/b']]])
  watches.removeWatcher(one)
  assert.deepEqual(watchSummary(watches.data), { connections: 0, paths: 0, watches: 0 })
})

test('what many watch, and who watches much, is listed in portions, while watches come and go', () => {
  const watches = new WatchManager()
  const crowd = Array.from({ length: 100 }, (_, i) => new Recorder(BigInt(i)))
  for (const watcher of crowd) watches.addDataWatch('/crowd', watcher)
  const one = crowd[0] as Recorder
  for (let i = 0; i < 100; i++) watches.addChildWatch(`/c${i}`, one)
  for (let i = 0; i < 100; i++) watches.addDataWatch(`/d${i}`, one)

  const found = new Set<bigint>()
  for (const [path, sessions] of watchesByPath(watches.data)) {
    if (path !== '/crowd') continue
    assert.ok(sessions.length <= 32)
    for (const session of sessions) found.add(session)
    watches.removeWatcher(crowd[99] as Recorder)
  }
  assert.equal(found.size, 99)

  const paths: string[] = []
  for (const [, portion] of watchesBySession(watches.data, [one.watchSet as WatchSet])) {
    assert.ok(portion.length <= 32)
    paths.push(...portion)
    watches.remove('/d99', WatcherType.Data, one)
  }
  assert.deepEqual(paths, ['/crowd', ...Array.from({ length: 99 }, (_, i) => `/d${i}`)])
})

/** The rules of watches, written down as simply as they can be: a list of (table, path, connection, mode). */
class Model {
  watches: { table: 'data' | 'child'; path: string; who: number; mode: 'once' | 'stays' | 'recursive' }[] = []

  add(table: 'data' | 'child', path: string, who: number, mode: 'once' | 'stays' | 'recursive'): void {
    const same = this.watches.some((w) => w.table === table && w.path === path && w.who === who && w.mode === mode)
    if (!same) this.watches.push({ table, path, who, mode })
  }

  fire(table: 'data' | 'child', path: string): Set<number> {
    const hit = this.watches.filter(
      (w) =>
        w.table === table &&
        (w.path === path || (w.mode === 'recursive' && (w.path === '/' || path.startsWith(`${w.path}/`)))),
    )
    this.watches = this.watches.filter((w) => !(hit.includes(w) && w.mode === 'once'))
    return new Set(hit.map(({ who }) => who))
  }
}

test('watches behave as a list of them would', () => {
  const path = fc.constantFrom('/', '/a', '/b', '/a/b', '/a/b/c', '/ab')
  const step = fc.tuple(
    fc.constantFrom('data', 'child', 'stays', 'recursive', 'set', 'delete', 'close'),
    path,
    fc.nat(2),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (script) => {
      const watches = new WatchManager()
      const model = new Model()
      const watchers = [new Recorder(), new Recorder(), new Recorder()]
      const expected = (type: number, path: string, who: ReadonlySet<number>) =>
        watchers.map((_, number) => (who.has(number) ? [`${type} ${path} 1`] : []))
      for (const [what, path, who] of script) {
        const watcher = watchers[who] as Recorder
        if (what === 'data') {
          watches.addDataWatch(path, watcher)
          model.add('data', path, who, 'once')
        } else if (what === 'child') {
          watches.addChildWatch(path, watcher)
          model.add('child', path, who, 'once')
        } else if (what === 'stays') {
          watches.addPersistentWatch(path, watcher, false)
          model.add('data', path, who, 'stays')
          model.add('child', path, who, 'stays')
        } else if (what === 'recursive') {
          watches.addPersistentWatch(path, watcher, true)
          model.add('data', path, who, 'recursive')
        } else if (what === 'close') {
          watches.removeWatcher(watcher)
          watchers[who] = new Recorder()
          model.watches = model.watches.filter((w) => w.who !== who)
        } else if (what === 'set') {
          watches.changed(path, 1, OPEN)
          const told = expected(EventType.NodeDataChanged, path, model.fire('data', path))
          assert.deepEqual(
            watchers.map((w) => w.take()),
            told,
          )
        } else if (path !== '/') {
          watches.deleted(path, 1, OPEN, OPEN)
          const parent = path.slice(0, path.lastIndexOf('/')) || '/'
          const both = new Set([...model.fire('data', path), ...model.fire('child', path)])
          const told = expected(EventType.NodeDeleted, path, both)
          const parents = expected(EventType.NodeChildrenChanged, parent, model.fire('child', parent))
          assert.deepEqual(
            watchers.map((w) => w.take()),
            told.map((events, i) => [...events, ...(parents[i] as string[])]),
          )
        }
        const pairs = new Set(model.watches.map((w) => `${w.table} ${w.path} ${w.who}`))
        assert.equal(watches.size, pairs.size)
      }
    }),
  )
})
