import { Preparer, Processor } from '@vivarium/core'
import { Connection } from '../world/server-internals.ts'
import { believingDisk } from './believing-disk.ts'
import { wrapClock } from './clock-wrapper.ts'
import { wrapDisk, wrapFiles } from './disk-wrapper.ts'
import { type Mutant, replaceMethod } from './mutant.ts'

const LATE_MS = 100

/** Servers that stand alone and do not get on with what is around them: disks, clocks, clients, administrators. */
export const SURROUNDINGS_MUTANTS: readonly Mutant[] = [
  {
    name: 'checksums believed',
    ensemble: false,
    flaw: 'what stands in the log counts, whatever its checksum says',
    faults: ['misplaced sector'],
    mutation: { disk: (disk) => believingDisk(disk) },
  },
  {
    name: 'bits believed',
    ensemble: false,
    flaw: 'as before, with no more than a bit that is wrong',
    faults: ['bit rot'],
    mutation: { disk: (disk) => believingDisk(disk) },
  },
  {
    name: 'torn records believed',
    ensemble: false,
    flaw: 'a record that was cut off counts as if it were whole',
    faults: ['torn write'],
    mutation: { disk: (disk) => believingDisk(disk) },
  },
  {
    name: 'full disk ignored',
    ensemble: false,
    flaw: 'a write for which there was no room counts as done',
    faults: ['full disk'],
    mutation: {
      disk: (disk) =>
        wrapFiles(disk, (file) => ({
          write: (bytes, start, end, position, done) => file.write(bytes, start, end, position, () => done(null)),
        })),
    },
  },
  {
    name: 'sessions by the wall clock',
    ensemble: false,
    flaw: 'how long a session has been silent is measured by a clock that somebody sets (ZOOKEEPER-1366)',
    faults: ['wall clock jump'],
    mutation: {
      clock: (clock) => wrapClock(clock, { monotonicMs: () => clock.wallMs() }),
    },
  },
  {
    name: 'missed timers dropped',
    ensemble: false,
    flaw: 'what was due while the server stood still is not done any more',
    faults: ['process pause'],
    mutation: {
      clock: (clock) =>
        wrapClock(clock, {
          after(ms, fire) {
            const dueMs = clock.monotonicMs() + ms
            return clock.after(ms, () => {
              if (clock.monotonicMs() < dueMs + LATE_MS) fire()
            })
          },
        }),
    },
  },
  {
    name: 'sessions end with a stop',
    ensemble: false,
    flaw: 'a server that is stopped properly ends all sessions, though their clients will come back',
    faults: ['clean stop'],
    mutation: {
      started: (running, clock) => {
        const close = running.close.bind(running)
        Object.assign(running, {
          close: async () => {
            const { pipeline } = running.server
            if (pipeline instanceof Processor) {
              for (const id of pipeline.database.sessions.keys()) {
                const session = pipeline.sessions.get(id)
                if (session !== undefined) pipeline.closeSession(session, clock.monotonicMs())
              }
            }
            await close()
          },
        })
      },
    },
  },
  {
    name: 'ends of sessions without their znodes',
    ensemble: false,
    flaw: 'the end of a session does not say which znodes it took along, so that a snapshot of that time keeps half of it (ZOOKEEPER-3145)',
    faults: ['farewells in a snapshot'],
    patch: () =>
      replaceMethod(Preparer.prototype, 'closeSession', (original) => {
        return function closeSession(this: Preparer, session, xid, time) {
          return { ...original.call(this, session, xid, time), record: null }
        }
      }),
  },
  {
    name: 'events lost where they meet resistance',
    ensemble: false,
    flaw: 'an event for a client that has not taken all that was sent to it is dropped',
    faults: ['slow reader'],
    patch: () =>
      replaceMethod(Connection.prototype, 'notify', (original) => {
        return function notify(this: Connection, event) {
          if (this.socket.pendingBytes === 0) original.call(this, event)
        }
      }),
  },
  {
    name: 'snapshots of another kind not seen',
    ensemble: false,
    flaw: 'a server finds only snapshots that are compressed as its configuration says',
    faults: ['other configuration'],
    mutation: {
      disk: (disk, _process, { snapshotCompression }) =>
        wrapDisk(disk, {
          async list(path) {
            const isOther = (name: string): boolean =>
              name.startsWith('snapshot.') && name.endsWith('.snappy') !== (snapshotCompression === 'snappy')
            return (await disk.list(path)).filter((name) => !isOther(name))
          },
        }),
    },
  },
]
