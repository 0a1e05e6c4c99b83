import type { Edit, RecipeMutant } from './recipe-mutant.ts'

const LOCKS = ['mutex', 'leader election']
const AWAY = ['isolation', 'pauses']
const CUTS = ['cuts', 'isolation']

/** A holding counts through losses of the connection. */
const NO_DOUBT: Edit = {
  file: 'recipes/support/holding.js',
  find: "else if (zk.state === 'suspended' && this.#certainty === 'suspended')",
  replace: 'else if (false)',
}

/** Nor does it end because the session is not sure. */
const ALWAYS_SURE: readonly Edit[] = [
  NO_DOUBT,
  { file: 'session/lease.js', find: 'return this.#settledMs + this.timeoutMs;', replace: 'return this.endsMs;' },
]

/** A holding counts for as long as nobody says otherwise: its session may be another one by now. */
const ANY_SESSION: readonly Edit[] = [
  NO_DOUBT,
  {
    file: 'recipes/support/holding.js',
    find: 'return !this.signal.aborted && this.#node.session.isSure;',
    replace: 'return !this.signal.aborted;',
  },
  { file: 'recipes/support/holding.js', find: 'else if (!session.isSure)', replace: 'else if (false)' },
  { file: 'recipes/support/holding.js', find: 'else if (!session.isLive)', replace: 'else if (false)' },
]

export const RECIPE_MUTANTS: readonly RecipeMutant[] = [
  {
    name: 'held beyond the session',
    was: 'CURATOR-206',
    flaw: 'a session counts as alive for 4/3 of its timeout since the server was heard last',
    workloads: LOCKS,
    faults: AWAY,
    edits: [
      ...ALWAYS_SURE,
      {
        file: 'session/lease.js',
        find: 'return this.#provenMs + this.timeoutMs;',
        replace: 'return this.#heardMs + (this.timeoutMs * 4) / 3;',
      },
    ],
  },
  {
    name: 'held until told otherwise',
    was: 'CURATOR-444',
    flaw: 'without a connection, what was held is held: only a server can say that the session is over',
    workloads: ['mutex', 'leader latch'],
    faults: AWAY,
    edits: [
      ...ALWAYS_SURE,
      { file: 'session/lease.js', find: 'return this.#provenMs + this.timeoutMs;', replace: 'return Infinity;' },
    ],
  },
  {
    name: 'sure by the last answer',
    was: 'ours, found here',
    flaw: 'what a follower has answered counts, though it died before it could tell its leader',
    workloads: ['mutex', 'read-write lock', 'multi-lock'],
    faults: ['last words'],
    edits: [ALWAYS_SURE[1] as Edit],
  },
  {
    name: "the last session's znode",
    was: 'CURATOR-696',
    flaw: 'a turn is taken by the znode of the session before, which is about to be deleted',
    workloads: LOCKS,
    faults: AWAY,
    edits: [
      ...ANY_SESSION,
      {
        file: 'recipes/support/owned-node.js',
        find: 'return patient(this.session, signal);',
        replace: 'return { signal, acrossSessions: true, timeoutMs: Infinity };',
      },
    ],
  },
  {
    name: 'protection finds any znode',
    was: 'CURATOR-604',
    flaw: 'after a lost reply, a znode that the session before created is found and taken for one that lasts',
    workloads: LOCKS,
    faults: [...CUTS, 'pauses'],
    edits: [
      ...ANY_SESSION,
      {
        file: 'compound/create-protected.js',
        find: 'how = { ...options, session: options.session ?? zk.session ?? undefined };',
        replace: 'how = { ...options, session: undefined, acrossSessions: true };',
      },
      {
        file: 'compound/create-protected.js',
        find: 'const { signal, timeoutMs, session } = options;\n    const how = { signal, timeoutMs, session };',
        replace: 'const { signal, timeoutMs } = options;\n    const how = { signal, timeoutMs, acrossSessions: true };',
      },
      {
        file: 'recipes/support/owned-node.js',
        find: 'const created = await zk.create(path, { ...options, ...call, protect: true });',
        replace:
          'const created = await zk.create(path, { ...options, ...call, session: undefined, acrossSessions: true, protect: true });',
      },
      {
        file: 'recipes/support/owned-node.js',
        find: 'return patient(this.session, signal);',
        replace: 'return { signal, acrossSessions: true, timeoutMs: Infinity };',
      },
    ],
  },
  {
    name: 'no protection',
    was: 'apache/accumulo#1086',
    flaw: 'when the reply to a creation is lost, the znode is created once more',
    workloads: ['mutex', 'read-write lock'],
    faults: ['cuts'],
    edits: [
      {
        file: 'compound/create-protected.js',
        find: 'const found = await find(zk, parent, prefix, how);',
        replace: 'const found = null;',
      },
    ],
  },
  {
    name: 'orphaned contender',
    was: 'kazoo #732',
    flaw: 'who gives up while the connection is gone leaves its place in the queue behind',
    workloads: LOCKS,
    faults: CUTS,
    isPatient: false,
    edits: [
      {
        file: 'recipes/support/contend.js',
        find: 'void node.remove().catch(() => { }); // Whoever',
        replace: "if (zk.state === 'connected') void node.remove().catch(() => { }); // Whoever",
      },
    ],
  },
  {
    name: 'lease left behind',
    was: 'InterProcessSemaphoreV2, interrupted',
    flaw: 'who gives up waiting for a lease leaves the lease that it had in view',
    workloads: ['semaphore'],
    faults: CUTS,
    isPatient: false,
    edits: [{ file: 'recipes/semaphore.js', find: 'void node.remove().catch(() => { });', replace: 'void node;' }],
  },
  {
    name: "someone else's claim removed",
    was: 'zk-ruby #34',
    flaw: 'what is given back is deleted by its path, though another session has it by now',
    workloads: ['work queue'],
    faults: AWAY,
    edits: [
      {
        file: 'recipes/support/owned-node.js',
        find: 'return await this.zk.delete(this.path, this.call());',
        replace: 'return await this.zk.delete(this.path, { acrossSessions: true, timeoutMs: Infinity, retry: true });',
      },
    ],
  },
  {
    name: 'watches lost on reconnection',
    was: 'kazoo #151',
    flaw: 'watches are not set again on a new connection',
    workloads: ['mutex', 'barrier'],
    faults: CUTS,
    edits: [
      {
        file: 'session/rearming.js',
        find: 'const batches = rearmBatches(this.#table.paths(), lastZxid);',
        replace: 'const batches = [];',
      },
    ],
  },
  {
    name: 'cache of a lost session',
    was: 'CURATOR-623',
    flaw: 'a cache goes on with the watch of a new session or connection, and does not read what it has missed',
    workloads: ['caches'],
    faults: AWAY,
    edits: [
      {
        file: 'recipes/cache/znode-cache.js',
        find: '            if (this.#isWatching)\n                this.#queue.sweep(this.path);',
        replace: '',
      },
    ],
  },
  {
    name: 'stale answer to a cache',
    was: 'CURATOR-498',
    flaw: 'an answer that was on its way when the znode was deleted brings it back',
    workloads: ['caches'],
    faults: ['slow links'],
    edits: [{ file: 'recipes/cache/read-queue.js', find: 'turn.isVoid = true;', replace: 'return;' }],
  },
  {
    name: 'writes sent again',
    was: 'vespa-engine/vespa #3340',
    flaw: 'a write whose answer was lost is made again without a word',
    workloads: ['queue', 'atomic long'],
    faults: ['cuts'],
    edits: [{ file: 'session/pipeline.js', find: 'if (request.retry)', replace: 'if (true)' }],
  },
  {
    name: 'xids without end',
    was: 'VoltDB #5223, aiozk #50',
    flaw: 'the number of requests goes on beyond 2^31 - 1',
    workloads: ['shared counter'],
    faults: [],
    edits: [
      { file: 'session/pipeline.js', find: 'options.firstXid ?? 1;', replace: 'options.firstXid ?? 0x7fff_fff0;' },
      { file: 'session/pipeline.js', find: 'xid === MAX_XID ? 1 : xid + 1;', replace: 'xid + 1;' },
    ],
  },
  {
    name: 'herd',
    was: "the first lock of ZooKeeper's recipes",
    flaw: 'everyone who waits watches the one who holds',
    workloads: ['mutex'],
    faults: [],
    isPatient: true,
    edits: [
      {
        file: 'recipes/support/sequence.js',
        find: 'compareSequences(other, best) > 0',
        replace: 'compareSequences(other, best) < 0',
      },
    ],
  },
  {
    name: 'readers pass writers',
    was: 'a read lock by the number of readers',
    flaw: 'a reader does not wait for the writers before it',
    workloads: ['read-write lock'],
    edits: [
      {
        file: 'recipes/read-write-lock.js',
        find: 'name: read, blockers: [write] };',
        replace: 'name: read, blockers: [] };',
      },
    ],
  },
  {
    name: 'item lost without a word',
    was: 'SimpleDistributedQueue',
    flaw: 'an item whose deletion lost its answer counts as taken by someone else',
    workloads: ['queue'],
    faults: ['cuts'],
    edits: [{ file: 'recipes/support/item-queue.js', find: 'return new InDoubt(error);', replace: 'return false;' }],
  },
  {
    name: 'done without a word',
    was: 'ours, found here',
    flaw: "who was not told that an item of a work queue is done is told that it is someone else's",
    workloads: ['work queue'],
    faults: AWAY,
    edits: [{ file: 'recipes/work-queue.js', find: 'throw doubt;', replace: 'throw error;' }],
  },
  {
    name: 'lost update',
    was: 'a counter that reads, adds and writes',
    flaw: 'the version that was read does not go with what is written',
    workloads: ['atomic long', 'shared counter'],
    edits: [{ file: 'recipes/support/cell.js', find: '{ ...options, version }', replace: 'options' }],
  },
  {
    name: 'late release',
    was: 'ours, found here',
    flaw: 'releasing a leadership that was lost does not end the one that has come back meanwhile',
    workloads: ['leader latch'],
    faults: ['cuts'],
    edits: [
      {
        file: 'recipes/support/owned-node.js',
        find: "this.#gone.abort(new OwnershipLostError(this.path, 'released'));",
        replace: '',
      },
      {
        file: 'recipes/support/owned-node.js',
        find: 'this.#gone.abort(error);',
        replace: 'if (this.#removed === null) this.#gone.abort(error);',
      },
    ],
  },
  {
    name: 'begin alone',
    was: 'a barrier that counts after it has looked',
    flaw: 'one who finds too few at a double barrier does not wait for the others',
    workloads: ['double barrier'],
    edits: [
      {
        file: 'recipes/double-barrier.js',
        find: 'else if (!isOpen)\n                await opened.happened(signal);',
        replace: '',
      },
    ],
  },
  {
    name: 'end alone',
    was: 'a barrier that is left by deleting',
    flaw: 'one who has deleted its znode of a double barrier does not wait for the others',
    workloads: ['double barrier'],
    edits: [
      {
        file: 'recipes/double-barrier.js',
        find: 'await this.#zk.waitForDeletion(joinPath(this.path, lowest), call);',
        replace: 'return;',
      },
    ],
  },
  {
    name: 'before its time',
    was: 'a delay queue that only sorts',
    flaw: 'items of a delay queue are taken when they are first, due or not',
    workloads: ['delay queue'],
    edits: [{ file: 'recipes/support/item-queue.js', find: 'dueMs(name) <= nowMs', replace: 'dueMs(name) > 0' }],
  },
  {
    name: 'locks in any order',
    was: 'InterProcessMultiLock',
    flaw: 'several locks are taken in the order in which they are named',
    workloads: ['multi-lock'],
    faults: [],
    isPatient: true,
    edits: [
      {
        file: 'recipes/multi-lock.js',
        find: 'this.#locks.toSorted((a, b) => (a.path < b.path ? -1 : 1))',
        replace: '[...this.#locks]',
      },
    ],
  },
  {
    name: 'gone with its session',
    was: 'registrations that do not come back',
    flaw: 'a znode that is to stay is not created again in the next session',
    workloads: ['party', 'group'],
    faults: AWAY,
    edits: [
      {
        file: 'recipes/nodes/persistent-node.js',
        find: 'await this.#replaced(session, until);',
        replace: 'await orAborted(new Promise(() => {}), until);',
      },
    ],
  },
  {
    name: 'blocks that overlap',
    was: 'a generator that reads, adds and writes',
    flaw: 'of two who take numbers at a time both have the same ones',
    workloads: ['sequence generator'],
    edits: [{ file: 'recipes/support/cell.js', find: '{ ...options, version }', replace: 'options' }],
  },
  {
    name: 'lease at any time',
    was: 'a lease that is overwritten',
    flaw: 'a timed lease is taken, whoever has it and until when',
    workloads: ['timed lease'],
    edits: [
      { file: 'recipes/timed-lease.js', find: 'return record.holder === this.holder ||', replace: 'return true ||' },
    ],
  },
  {
    name: 'lease for longer than is stored',
    was: 'an end that is cut to seconds',
    flaw: 'who obtains a timed lease is told an end that is later than what others read',
    workloads: ['timed lease'],
    edits: [
      {
        file: 'recipes/timed-lease.js',
        find: 'new Date(Math.floor((nowMs + durationMs) / 1000) * 1000)',
        replace: 'new Date(nowMs + durationMs)',
      },
    ],
  },
  {
    name: 'request not heard',
    was: 'a lock that looks once',
    flaw: 'who holds a lock is not told that it is wanted back, unless that was so when it came to hold it',
    workloads: ['revocable lock'],
    edits: [
      {
        file: 'recipes/support/owned-node.js',
        find: 'this.#watch().catch(() => { });',
        replace: '{ }',
      },
    ],
  },
  {
    name: 'request by nobody',
    was: 'a lock that takes any change for a request',
    flaw: 'who holds a lock is told that it is wanted back whatever its znode says',
    workloads: ['revocable lock'],
    edits: [{ file: 'recipes/support/owned-node.js', find: 'if (data.equals(', replace: 'if (!data.equals(' }],
  },
  {
    name: 'touched too seldom',
    was: 'a TTL that is too short',
    flaw: 'a znode with a TTL is touched after its TTL, not within it',
    workloads: ['persistent TTL node'],
    edits: [{ file: 'recipes/nodes/persistent-ttl-node.js', find: 'ttlMs / touches', replace: 'ttlMs * touches' }],
  },
  {
    name: 'touched once gone',
    was: 'a child that is created once',
    flaw: 'the child that is touched is not created again',
    workloads: ['persistent TTL node'],
    edits: [
      {
        file: 'recipes/nodes/persistent-ttl-node.js',
        find: "if (!KeeperError.is(error, 'NONODE'))",
        replace: 'if (this.wasTouched || !(this.wasTouched = true))',
      },
    ],
  },
]
