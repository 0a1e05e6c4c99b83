import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Recognised, recogniseNames } from '../../dist/recipes/recognise.js'

const PROTECTED = '_c_6f2b6a30-5a3b-4c9c-9a39-2b5f2b1f7f11-'
const HEX = '0123456789abcdef0123456789abcdef'

const CASES: readonly (readonly [what: string, names: readonly string[], expected: Partial<Recognised> | null])[] = [
  [
    "Curator's InterProcessMutex",
    [`${PROTECTED}lock-0000000007`, 'lock-0000000003'],
    { kind: 'lock', layout: 'curator', names: ['lock-0000000003', `${PROTECTED}lock-0000000007`], holding: 1 },
  ],
  ["Curator's LeaderLatch", [`${PROTECTED}latch-0000000000`], { kind: 'election', layout: 'curator', holding: 1 }],
  [
    "Curator's InterProcessReadWriteLock: readers before the first writer",
    ['__READ__0000000001', '__READ__0000000002', '__WRIT__0000000003', '__READ__0000000004'],
    { kind: 'rwlock', layout: 'curator', holding: 2 },
  ],
  [
    'a writer alone',
    ['__WRIT__0000000001', '__READ__0000000002'],
    { kind: 'rwlock', names: ['__WRIT__0000000001', '__READ__0000000002'], holding: 1 },
  ],
  ["Curator's InterProcessSemaphoreV2", ['lease-0000000001', 'lease-0000000002'], { kind: 'semaphore', holding: 2 }],
  ["kazoo's Lock", [`${HEX}__lock__0000000002`], { kind: 'lock', layout: 'kazoo', holding: 1 }],
  [
    "kazoo's ReadLock and WriteLock",
    [`${HEX}__rlock__0000000001`, `${HEX}__lock__0000000002`],
    { kind: 'rwlock', layout: 'kazoo', holding: 1 },
  ],
  ["ZooKeeper's WriteLock", ['x-72057594037927936-0000000000'], { kind: 'lock', layout: 'zookeeper' }],
  ["Curator's DistributedQueue", ['queue-0000000001', 'queue-0000000000'], { kind: 'queue', holding: 0 }],
  ["kazoo's Queue", ['entry-100-0000000000'], { kind: 'queue', layout: 'kazoo' }],
  ["kazoo's Party", [`${HEX}__party__`], { kind: 'group', layout: 'kazoo' }],
  [
    'numbers that went below zero',
    ['lock--2147483648', 'lock-2147483647'],
    { kind: 'lock', names: ['lock-2147483647', 'lock--2147483648'] },
  ],
  ['names that mean nothing', ['lock-1', 'mylock-0000000001', 'latch-', 'a'], null],
  ['nothing', [], null],
]

for (const [what, names, expected] of CASES) {
  test(`${what} is recognised as it is`, () => {
    const [found] = recogniseNames(names)
    if (expected === null) assert.equal(found, undefined)
    else assert.deepEqual(found, { ...found, ...expected })
  })
}
