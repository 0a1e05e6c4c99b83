import { AckSet, CommittedLog, Learner, Pipeline } from '@vivarium/core'
import { LearnerLink, LearnerLog, ServerData } from '../world/server-internals.ts'
import { wrapDisk } from './disk-wrapper.ts'
import { type Mutant, replaceGetter, replaceMethod, together } from './mutant.ts'

/** Members of ensembles that are broken on purpose: how one history comes to all. Most of it has been wrong somewhere once. */
export const HISTORY_MUTANTS: readonly Mutant[] = [
  {
    name: 'clients ahead welcomed',
    flaw: 'a server takes clients that have seen more than it has',
    ensemble: true,
    faults: ['deposed leader'],
    patch: () =>
      replaceGetter(Pipeline.prototype, 'lastProcessedZxid', (_self, original) =>
        (new Error().stack?.includes('handshake') ?? false) ? Number.MAX_SAFE_INTEGER : original(),
      ),
  },
  {
    name: 'served before a quorum has it',
    flaw: 'a learner serves what it was sent before it is told that a quorum has that',
    ensemble: true,
    faults: ['turn of history'],
    patch: serveEarly,
  },
  {
    name: 'observers vote',
    flaw: 'an observer counts where a quorum has to take over a history (ZOOKEEPER-2959)',
    ensemble: true,
    faults: ['turn of history'],
    patch: () =>
      replaceMethod(AckSet.prototype, 'hasQuorum', () => {
        return function hasQuorum(this: AckSet) {
          return this.sids.length > this.newest.voters.size / 2
        }
      }),
  },
  {
    name: 'snapshots beyond the end stay',
    flaw: 'a history is cut back, and the snapshots of what was cut off are kept (ZOOKEEPER-4837)',
    ensemble: true,
    faults: ['server partition', 'turn of history', 'snapshot on demand'],
    mutation: { disk: (disk) => wrapDisk(disk, { remove: async (path) => removeUnless('/snapshot.', path, disk) }) },
  },
  {
    name: 'logs beside a snapshot stay',
    flaw: 'a snapshot is put in the place of a history, and the logs of that are kept (ZOOKEEPER-2846)',
    ensemble: true,
    faults: ['server partition', 'crash', 'lost data'],
    mutation: { disk: (disk) => wrapDisk(disk, { remove: async (path) => removeUnless('/log.', path, disk) }) },
  },
  {
    name: 'hole in memory',
    flaw: 'of what was committed last, which learners are sent, something is missing (ZOOKEEPER-4925)',
    ensemble: true,
    faults: ['crash', 'server partition'],
    patch: () =>
      replaceMethod(CommittedLog.prototype, 'after', (original) => {
        return function after(this: CommittedLog, zxid) {
          return original.call(this, zxid).filter((txn, index) => index === 0 || txn.zxid % 8 !== 0)
        }
      }),
  },
  {
    name: 'memory from the beginning',
    flaw: 'a leader takes the oldest transaction that it remembers for the first (ZOOKEEPER-4352)',
    ensemble: true,
    faults: ['lying disk'],
    patch: () => replaceGetter(CommittedLog.prototype, 'min', () => 0),
  },
  {
    name: 'proposals lost in a synchronization',
    flaw: 'what is proposed while a learner is sent its history does not reach it (issue 1 of the specification of Zab)',
    ensemble: true,
    faults: ['crash', 'bad links', 'slow disk'],
    patch: () =>
      replaceGetter(LearnerLink.prototype, 'isForwarded', (self, original) => self.phase !== 'sync' && original()),
  },
  {
    name: 'snapshots of a tail stay',
    flaw: 'a snapshot goes on while what was logged and not committed comes into the tree',
    ensemble: true,
    faults: ['snapshot of a tail'],
    patch: () => replaceMethod(ServerData.prototype, 'beforeTail', () => () => {}),
  },
  {
    name: 'tail forgotten',
    flaw: 'what was logged and not committed when a role ended is not applied before the next vote (ZOOKEEPER-2845)',
    ensemble: true,
    faults: ['server partition', 'connection cuts'],
    patch: () => replaceMethod(LearnerLog.prototype, 'end', () => () => []),
  },
  {
    name: 'epochs written in place',
    flaw: 'the files of the epochs are written over, and a crash can leave an empty one (ZOOKEEPER-1653)',
    ensemble: true,
    faults: ['torn write', 'crash in recovery'],
    mutation: {
      disk: (disk) => {
        const isEpoch = (path: string): boolean => path.endsWith('Epoch.tmp')
        return wrapDisk(disk, {
          open: (path, mode) => disk.open(isEpoch(path) ? path.slice(0, -'.tmp'.length) : path, mode),
          rename: async (from, to) => {
            if (!isEpoch(from)) await disk.rename(from, to)
          },
        })
      },
    },
  },
  {
    name: 'one transaction too many',
    flaw: 'a history is cut back to one transaction more than the leader has',
    ensemble: true,
    faults: ['server partition', 'turn of history'],
    patch: () =>
      replaceMethod(ServerData.prototype, 'truncate', (original) => {
        return async function truncate(this: ServerData, zxid) {
          await original.call(this, zxid + 1)
          return zxid
        }
      }),
  },
]

/** Removes a file, unless it is one of those that are to stay. */
async function removeUnless(kept: string, path: string, disk: Parameters<typeof wrapDisk>[0]): Promise<void> {
  if (!path.includes(kept)) await disk.remove(path)
}

/** UPTODATE is not waited for. What clients ask for is held until it has come, as a leader takes nothing before. */
function serveEarly(): () => void {
  const early = new WeakSet<object>()
  const held = new WeakMap<object, Parameters<Learner<unknown>['step']>[0][]>()
  return together(
    replaceMethod(Learner.prototype, 'step', (original) => {
      return function step(this: Learner<unknown>, event) {
        const waits = event.type === 'forward' || event.type === 'revalidate'
        if (waits && this.phase !== 'serving') {
          held.set(this, [...(held.get(this) ?? []), event])
          return
        }
        original.call(this, event)
        if (this.phase !== 'serving') return
        const events = held.get(this) ?? []
        held.delete(this)
        for (const one of events) original.call(this, one)
      }
    }),
    replaceMethod(Learner.prototype, 'takeEffects', (original) => {
      return function takeEffects(this: Learner<unknown>) {
        const effects = original.call(this).filter(({ type }) => type !== 'serve' || !early.has(this))
        if (this.phase !== 'synced' || early.has(this)) return effects
        early.add(this)
        return [...effects, { type: 'serve', epoch: this.epoch }]
      }
    }),
  )
}
