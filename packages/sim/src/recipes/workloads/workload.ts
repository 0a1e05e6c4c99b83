import { KeeperError, RequestError, type ZooKeeper, ZooKeeperError } from '@vivarium/client'
import type { SeededRandom } from '../../random.ts'
import type { Outcome } from '../journal.ts'
import type { Recorder } from '../recorder.ts'

/** What one participant has for one workload. */
export interface Context {
  readonly zk: ZooKeeper
  readonly who: string
  readonly random: SeededRandom
  readonly recorder: Recorder
  readonly nowMs: () => number
  /** Nobody gives up waiting in this run. */
  readonly isPatient: boolean
  /** How many participants there are. */
  readonly crowd: number
  /** Waits, by the participant's clock. */
  readonly pause: (ms: number) => Promise<void>
}

/** The part of one participant in a workload. */
export interface Turns {
  /** Does something once. The last turn comes when no faults are left: it has to succeed. */
  turn(isLast: boolean): Promise<void>
  /** Nobody changes anything any more: what it has of it, as lines. */
  copy?(): Promise<readonly string[]>
  end(): Promise<void>
}

/** Something that all participants do with a recipe. */
export interface Workload {
  readonly name: string
  /** Directories in which nothing is to be at the end. */
  readonly emptied: readonly string[]
  begin(context: Context): Promise<Turns> | Turns
  /** Once all participants are done: looks at what there is, as a client that comes fresh. */
  audit?(context: Context, participants: readonly string[]): Promise<void>
}

/** What became of a write that threw; throws what no recipe should throw. */
export function outcomeOf(error: unknown): Exclude<Outcome, 'done'> {
  if (error instanceof RequestError) return error.maybeApplied ? 'in doubt' : 'not done'
  if (isExpected(error)) return 'in doubt'
  throw error
}

const EXPECTED = ['CONNECTIONLOSS', 'SESSIONEXPIRED', 'REQUESTTIMEOUT', 'SESSIONMOVED', 'NOTREADONLY'] as const

/** What faults do to recipes, and their callers have to live with. */
export function isExpected(error: unknown): boolean {
  if (KeeperError.is(error, ...EXPECTED)) return true
  return error instanceof ZooKeeperError && ['OWNERSHIP_LOST', 'WAIT_TIMEOUT'].includes(error.code)
}

/** Does what faults may end; in the last turn, again until it is done. */
export async function attempt(isLast: boolean, { pause }: Context, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isExpected(error)) throw error
      if (!isLast) return
      await pause(100)
    }
  }
}
