import { DataTree, Processor, SessionTracker, WaitingQueue, WatchManager, WatchMode, WatchTable } from '@vivarium/core'
import { copyBytes, OpCode } from '@vivarium/protocol'
import type { Connection } from '../world/server-internals.ts'
import { wrapDisk, wrapFiles } from './disk-wrapper.ts'
import { type Mutant, replaceMethod } from './mutant.ts'

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'unsynced log',
    ensemble: false,
    flaw: 'the disk reports writes as durable that are only in its cache',
    mutation: {
      disk: (disk) =>
        wrapDisk(disk, { open: (path, mode) => disk.open(path, mode === 'create-durable' ? 'create' : mode) }),
    },
  },
  {
    name: 'early acknowledgement',
    ensemble: false,
    flaw: 'a write to the log is reported as done when it has only been begun',
    mutation: {
      disk: (disk, process) =>
        wrapFiles(disk, (file, mode) => ({
          write(bytes, start, end, position, done) {
            const copy = copyBytes(bytes, start, end)
            file.write(copy, 0, copy.length, position, mode === 'create-durable' ? () => {} : done)
            if (mode === 'create-durable') process.after(0, () => done(null))
          },
        })),
    },
  },
  {
    name: 'applied before sync',
    ensemble: false,
    flaw: 'transactions are applied and answered as soon as they are prepared',
    patch: () =>
      replaceMethod(Processor.prototype, 'handle', (original) => {
        return function handle(this: Processor, ...args) {
          original.apply(this, args)
          this.committed(this.preparer.lastZxid, args[4])
        }
      }),
  },
  {
    name: 'errors of the disk ignored',
    ensemble: false,
    faults: ['disk error'],
    flaw: 'a write to the log that failed counts as done',
    mutation: {
      disk: (disk) =>
        wrapFiles(disk, (file) => ({
          write: (bytes, start, end, position, done) => file.write(bytes, start, end, position, () => done(null)),
        })),
    },
  },
  {
    name: 'recovered log not synced',
    ensemble: false,
    faults: ['write in cache'],
    flaw: 'what recovery finds in the cache of the system counts, and nobody sees to it that it is on the disk',
    mutation: {
      disk: (disk) => wrapFiles(disk, ({ path }) => (path.includes('/log.') ? { sync: async () => {} } : {})),
    },
  },
  {
    name: 'no rollback',
    ensemble: false,
    flaw: 'what a failing multi did before its error stays in the outstanding changes',
    mutation: {
      started: ({ server }) => {
        const { changes } = (server.pipeline as Processor).preparer
        changes.rollback = () => changes.commit()
      },
    },
  },
  {
    name: 'watches fired late',
    ensemble: false,
    flaw: 'events leave after the answers that show the change',
    mutation: {
      started: ({ server }, clock) => {
        const { clients } = server
        const accept = clients.accept.bind(clients)
        clients.accept = (socket) => {
          const connection = accept(socket) as Connection
          const notify = connection.notify.bind(connection)
          connection.notify = (event) =>
            clock.soon(() => {
              notify(event)
              clients.endTurn()
            })
          return connection
        }
      },
    },
  },
  {
    name: 'watches not used up',
    ensemble: false,
    flaw: 'a one-shot watch fires again and again',
    patch: () =>
      replaceMethod(WatchTable.prototype, 'remove', (original) => {
        return function remove(this: WatchTable, path, set, modes) {
          return modes === WatchMode.STANDARD ? false : original.call(this, path, set, modes)
        }
      }),
  },
  {
    name: 'recursive watches lost',
    ensemble: false,
    flaw: 'recursive watches are not set again on a new connection',
    patch: () =>
      replaceMethod(WatchManager.prototype, 'addPersistentWatch', (original) => {
        return function add(this: WatchManager, path, watcher, recursive) {
          const again = new Error().stack?.includes('setWatches') ?? false
          if (!(again && recursive)) original.call(this, path, watcher, recursive)
        }
      }),
  },
  {
    name: 'sessions not touched',
    ensemble: false,
    flaw: 'requests do not keep a session alive',
    patch: () => replaceMethod(SessionTracker.prototype, 'touch', () => () => true),
  },
  {
    name: 'sessions never expire',
    ensemble: false,
    flaw: 'nobody ends the sessions of clients that are gone',
    patch: () => replaceMethod(SessionTracker.prototype, 'expire', () => () => []),
  },
  {
    name: 'ephemerals stay',
    ensemble: false,
    flaw: 'the end of a session forgets one of its ephemeral znodes',
    patch: () =>
      replaceMethod(DataTree.prototype, 'ephemeralsOf', (original) => {
        return function ephemeralsOf(this: DataTree, sessionId) {
          return original.call(this, sessionId).slice(1)
        }
      }),
  },
  {
    name: 'sequence numbers reused',
    ensemble: false,
    flaw: 'deleting a child takes the number of its creation back',
    patch: () =>
      replaceMethod(DataTree.prototype, 'createNode', (original) => {
        return function createNode(this: DataTree, path, data, aclId, owner, parentCversion, zxid, timeMs) {
          const cversion = path.startsWith('/queue/') ? Math.max(0, parentCversion - 1) : parentCversion
          return original.call(this, path, data, aclId, owner, cversion, zxid, timeMs)
        }
      }),
  },
  {
    name: 'reads overtake writes',
    ensemble: false,
    flaw: 'a read does not wait for the writes that its session sent before it',
    patch: () =>
      replaceMethod(Processor.prototype, 'handle', (original) => {
        return function handle(this: Processor, client, xid, opcode, body, nowMs) {
          const { waiting } = client
          const reads = opcode === OpCode.getData || opcode === OpCode.getChildren
          if (reads) Object.assign(client, { waiting: new WaitingQueue() })
          original.call(this, client, xid, opcode, body, nowMs)
          if (reads) Object.assign(client, { waiting })
        }
      }),
  },
  {
    name: 'snapshot ahead of itself',
    ensemble: false,
    flaw: 'a snapshot claims one transaction more than it has',
    mutation: {
      snapshots: (runner) => ({
        run: (job, source) => runner.run({ ...job, zxid: job.zxid + 1 }, source),
        close: () => runner.close(),
      }),
    },
  },
]
