import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RECIPE_CHECKERS } from '../../dist/recipes/checkers/index.js'
import type { Hold, Journal, Keep, LeaseCall } from '../../dist/recipes/journal.js'

/** A journal in which nothing has happened but what is given. */
function journal(happened: Partial<Journal>): Journal {
  return {
    holds: [],
    pauses: [],
    additions: [],
    sums: new Map(),
    puts: [],
    takes: [],
    left: new Map(),
    passages: [],
    closures: [],
    stays: [],
    dueMs: new Map(),
    deliveries: [],
    leaseCalls: [],
    revocationRequests: [],
    revocations: [],
    keeps: [],
    copies: [],
    there: new Map(),
    told: { deletions: new Map(), childChanges: new Map() },
    leftovers: new Map(),
    isPatient: true,
    leases: new Map(),
    stalled: [],
    crashes: [],
    ...happened,
  }
}

function complaints(name: string, happened: Partial<Journal>): number {
  const checker = RECIPE_CHECKERS.find((each) => each.name === name)
  assert.ok(checker, `there is a checker ${name}`)
  return checker.check(journal(happened)).length
}

function held(who: string, fromMs: number, untilMs: number | null, more: Partial<Hold> = {}): Hold {
  return { thing: '/x', kind: 'one', who, token: fromMs, fromMs, untilMs, robbed: false, ...more }
}

test('nothing is wrong where nothing has happened', () => {
  assert.deepEqual(
    RECIPE_CHECKERS.flatMap(({ check }) => check(journal({}))),
    [],
  )
})

test('two who hold at once are noticed, unless one could not know', () => {
  const pauses = [{ who: 'a', fromMs: 15, toMs: 40 }]
  assert.equal(complaints('exclusion', { holds: [held('a', 10, 20), held('b', 20, 30)] }), 0)
  assert.equal(complaints('exclusion', { holds: [held('a', 10, 21), held('b', 20, 30)] }), 1)
  assert.equal(complaints('exclusion', { holds: [held('a', 10, null), held('b', 20, 30)] }), 1)
  assert.equal(complaints('exclusion', { holds: [held('a', 10, 41), held('b', 20, 30)], pauses }), 0)
  assert.equal(complaints('exclusion', { holds: [held('a', 10, 60), held('b', 50, 70)], pauses }), 1)
})

test('a token that is not above those before it is noticed', () => {
  assert.equal(
    complaints('exclusion', { holds: [held('a', 10, 20, { token: 9 }), held('b', 30, 40, { token: 8 })] }),
    1,
  )
  assert.equal(
    complaints('exclusion', { holds: [held('a', 10, 20, { token: 9 }), held('a', 30, 40, { token: 9 })] }),
    0,
  )
})

test('readers go together, writers with nobody, and leases as many as there are', () => {
  const [read, write, lease] = [{ kind: 'read' }, { kind: 'write' }, { kind: 'lease' }] as const
  const leases = new Map([['/x', 2]])
  assert.equal(complaints('exclusion', { holds: [held('a', 10, 30, read), held('b', 20, 30, read)] }), 0)
  assert.equal(complaints('exclusion', { holds: [held('a', 10, 30, read), held('b', 20, 30, write)] }), 1)
  const three = [held('a', 10, 30, lease), held('b', 20, 30, lease), held('c', 25, 30, lease)]
  assert.equal(complaints('exclusion', { holds: three.slice(0, 2), leases }), 0)
  assert.equal(complaints('exclusion', { holds: three, leases }), 1)
})

test('one whose znode someone else has deleted is noticed', () => {
  assert.equal(complaints('thefts', { holds: [held('a', 10, 20)] }), 0)
  assert.equal(complaints('thefts', { holds: [held('a', 10, 20, { robbed: true })] }), 1)
})

test('znodes that are left behind are noticed', () => {
  assert.equal(complaints('orphans', { leftovers: new Map([['/locks', []]]) }), 0)
  assert.equal(complaints('orphans', { leftovers: new Map([['/locks', ['lock-0000000001']]]) }), 1)
})

test('a herd is noticed where nobody gave up', () => {
  const deletions = (path: string, ...clients: string[]) => new Map([[path, new Set(clients)]])
  const childChanges = new Map<string, number>()
  const path = '/locks/mutex/lock-1'
  assert.equal(complaints('herd', { told: { deletions: deletions(path, 'a', 'b'), childChanges } }), 0)
  assert.equal(complaints('herd', { told: { deletions: deletions(path, 'a', 'b', 'c'), childChanges } }), 1)
  assert.equal(
    complaints('herd', { told: { deletions: deletions(path, 'a', 'b', 'c'), childChanges }, isPatient: false }),
    0,
  )
  assert.equal(complaints('herd', { told: { deletions: deletions('/tree/a', 'a', 'b', 'c'), childChanges } }), 0)
  const watched = new Map([['/locks/mutex', 1]])
  assert.equal(complaints('herd', { told: { deletions: new Map(), childChanges: watched } }), 1)
})

test('sums that do not come from what was added are noticed', () => {
  const added = (outcome: 'done' | 'in doubt' | 'not done', after: number | null = null) =>
    ({ thing: '/c', who: 'a', outcome, after }) as const
  const additions = [added('done', 1), added('done', 2), added('in doubt'), added('not done')]
  const counted = (sum: number): number => complaints('counters', { additions, sums: new Map([['/c', sum]]) })
  assert.deepEqual([1, 2, 3, 4].map(counted), [1, 0, 0, 1])
  const same = [added('done', 1), added('done', 1)]
  assert.equal(complaints('counters', { additions: same, sums: new Map([['/c', 2]]) }), 1)
})

test('items that come out twice, from nowhere or not at all are noticed', () => {
  const put = (item: string) => ({ queue: '/q', item, outcome: 'done' }) as const
  const take = (item: string | null, outcome: 'done' | 'in doubt' = 'done') =>
    ({ queue: '/q', who: 'a', item, outcome }) as const
  const left = new Map([['/q', ['x']]])
  assert.equal(complaints('queues', { puts: [put('x'), put('y')], takes: [take('y')], left }), 0)
  assert.equal(complaints('queues', { puts: [put('x')], takes: [take('x')], left }), 1)
  assert.equal(complaints('queues', { puts: [], takes: [], left }), 1)
  assert.equal(complaints('queues', { puts: [put('x'), put('y')], takes: [], left }), 1)
  assert.equal(complaints('queues', { puts: [put('x'), put('y')], takes: [take(null, 'in doubt')], left }), 0)
})

test('one who gets past a closed barrier is noticed', () => {
  const past = (fromMs: number, toMs: number | null): number =>
    complaints('barriers', {
      passages: [{ barrier: '/b', who: 'a', fromMs, toMs }],
      closures: [{ barrier: '/b', fromMs: 10, toMs: 30 }],
    })
  assert.deepEqual([past(5, 20), past(15, 20), past(15, 35), past(15, null)], [0, 1, 0, 0])
})

function stay(who: string, [calledMs, enteredMs, leavingMs, leftMs]: (number | null)[], endedMs: number | null = null) {
  const times = { calledMs: calledMs ?? 0, enteredMs: enteredMs ?? null, leavingMs: leavingMs ?? null }
  return { barrier: '/b', members: 2, who, ...times, leftMs: leftMs ?? null, endedMs }
}

test('one who enters a double barrier before enough have come is noticed', () => {
  const entering = (...stays: ReturnType<typeof stay>[]): number => complaints('double barriers', { stays })
  assert.equal(entering(stay('a', [10, 20]), stay('b', [15, 30])), 0)
  assert.equal(entering(stay('a', [10, 20]), stay('b', [25, 30])), 1)
  assert.equal(entering(stay('a', [10, 20])), 1)
})

test('one who leaves a double barrier before those who are in and alive is noticed', () => {
  const pauses = [{ who: 'b', fromMs: 40, toMs: 60 }]
  const leaving = (other: ReturnType<typeof stay>, more: Partial<Journal> = {}): number =>
    complaints('double barriers', { stays: [stay('a', [10, 20, 30, 50]), other], ...more })
  assert.equal(leaving(stay('b', [15, 20, 45])), 0)
  assert.equal(leaving(stay('b', [15, 20, 55])), 1)
  assert.equal(leaving(stay('b', [15, 20])), 1)
  assert.equal(leaving(stay('b', [15, 20], 45)), 0)
  assert.equal(leaving(stay('b', [15, 20]), { pauses }), 0)
  assert.equal(leaving(stay('b', [15, 35])), 0)
})

test('an item that comes before its time, and a number that is given twice, are noticed', () => {
  const dueMs = new Map([['x', 100]])
  const delivered = (atMs: number): number =>
    complaints('delays', { dueMs, deliveries: [{ item: 'x', who: 'a', atMs }] })
  assert.deepEqual([delivered(99), delivered(100)], [1, 0])
  const given = (after: number) => ({ thing: '/s', who: 'a', outcome: 'done', after }) as const
  assert.equal(complaints('counters', { additions: [given(1), given(5)] }), 0)
  assert.equal(complaints('counters', { additions: [given(1), given(1)] }), 1)
})

test('copies that differ from what is there are noticed', () => {
  const copied = (...had: string[]): number =>
    complaints('copies', { copies: [{ of: 'tree', who: 'a', had }], there: new Map([['tree', ['/a', '/b']]]) })
  assert.deepEqual([copied('/b', '/a'), copied('/a'), copied('/a', '/b', '/c')], [0, 1, 1])
})

/** A lease from one moment to another, by a clock that is 1000 ms ahead unless it is told otherwise. */
function leased(who: string, askedMs: number, toldMs: number, untilMs: number | null, more: Partial<LeaseCall> = {}) {
  return { lease: '/l', who, askedMs, toldMs, wallMs: toldMs + 1000, untilMs, outcome: 'done', ...more } as LeaseCall
}

test('a lease that is given before another has run out is noticed, by the clock of the one who gets it', () => {
  const leases = (...leaseCalls: LeaseCall[]): number => complaints('timed leases', { leaseCalls })
  const mine = leased('a', 10, 20, 1100)
  assert.equal(leases(mine, leased('b', 80, 100, 1500)), 0)
  assert.equal(leases(mine, leased('b', 80, 99, 1500)), 1)
  assert.equal(leases(mine, leased('b', 30, 40, 1500, { wallMs: 9000 })), 0)
  assert.equal(leases(mine, leased('b', 80, 99, null, { outcome: 'not done' })), 0)
  assert.equal(leases(mine, leased('a', 80, 99, 1500)), 0)
  // Asked for at the same time, one of them has to be right.
  assert.equal(leases(mine, leased('b', 5, 15, 1000)), 0)
  assert.equal(leases(mine, leased('b', 5, 15, 1030)), 1)
})

test('a lease that may have been given up, or had by a third, meanwhile is no matter', () => {
  const leases = (third: LeaseCall): number =>
    complaints('timed leases', { leaseCalls: [leased('a', 10, 20, 1100), third, leased('b', 80, 90, 1500)] })
  assert.equal(leases(leased('a', 30, 40, null)), 0)
  assert.equal(leases(leased('a', 30, 40, null, { outcome: 'not done' })), 1)
  assert.equal(leases(leased('a', 30, 40, null, { outcome: 'in doubt', toldMs: null })), 0)
  assert.equal(leases(leased('a', 95, 99, null)), 1)
  assert.equal(leases(leased('a', 30, 40, null, { lease: '/other' })), 1)
})

test('one who is asked for a lock by nobody is noticed', () => {
  const told = (path: string, atMs: number): number =>
    complaints('revocations', {
      revocations: [{ path, who: 'a', atMs }],
      revocationRequests: [{ path: '/x/lock-1', atMs: 10 }],
    })
  assert.deepEqual([told('/x/lock-1', 10), told('/x/lock-1', 9), told('/x/lock-2', 20)], [0, 1, 1])
})

test('a znode that ends before its TTL is over, or while it is kept, is noticed', () => {
  const seen = (czxid: number | null, createdMs: number, touchedMs: number, isCalm = false): Keep => {
    return { path: '/k', who: 'a', czxid, createdMs, touchedMs, ttlMs: 100, isCalm }
  }
  const kept = (...keeps: Keep[]): number => complaints('TTL nodes', { keeps })
  assert.equal(kept(seen(1, 0, 50), seen(1, 0, 500)), 0)
  assert.equal(kept(seen(1, 0, 50), seen(2, 150, 150)), 0)
  assert.equal(kept(seen(1, 0, 50), seen(2, 149, 150)), 1)
  assert.equal(kept(seen(1, 0, 50), seen(null, 0, 0), seen(2, 149, 150)), 1)
  assert.equal(kept(seen(1, 0, 50, true), seen(1, 0, 500, true)), 0)
  assert.equal(kept(seen(1, 0, 50, true), seen(2, 400, 500, true)), 1)
  assert.equal(kept(seen(null, 0, 0, true)), 1)
})

test('one who is not served, and an exception that nobody expects, are noticed', () => {
  assert.equal(complaints('turns', { stalled: ['a is not idle'] }), 1)
  assert.equal(complaints('manners', { crashes: ['a threw'] }), 1)
})
