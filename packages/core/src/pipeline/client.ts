import type { Writer } from '@vivarium/protocol'
import type { Identity } from '../auth/index.ts'
import type { Session } from '../sessions/index.ts'
import type { Watcher } from '../watches/index.ts'
import type { WaitingQueue } from './waiting-request.ts'

/** A connection with a session, as the pipeline sees it. */
export interface Client extends Watcher {
  readonly session: Session
  readonly identities: readonly Identity[]
  readonly waiting: WaitingQueue
  /** False once the connection is gone: nothing is to be written for it any more. */
  readonly open: boolean
  /** Where replies go; what is written here leaves at the end of the turn. */
  output(): Writer
  /** A session that this client asked for exists now, or (false) could not be made. */
  sessionOpened(created: boolean): void
  /** The session that this client wanted to go on with is gone. */
  sessionExpired(why: string): void
  /** Called after each reply was written. */
  replied(opcode: number, xid: number, zxid: number, latencyMs: number, write: boolean): void
  /**
   * Sends what is written, then closes the connection.
   *
   * @param isLast whether the client has asked for that, and sends nothing more
   */
  closeAfterFlush(reason: string, isLast?: boolean): void
}
