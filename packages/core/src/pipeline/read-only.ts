import { errno, type Reader } from '@vivarium/protocol'
import type { ReattachRefusal, Session, Sessions } from '../sessions/index.ts'
import type { Client } from './client.ts'
import type { Database } from './database.ts'
import { Pipeline } from './pipeline.ts'

/**
 * The pipeline of a member that is cut off from the others: reads are answered from what it has, everything else is
 * refused. Its sessions are its own ({@link Pipeline.locals}, which it needs), for nobody could be told of them.
 *
 * Inherited from ReadOnlyZooKeeperServer and ReadOnlyRequestProcessor. There, sessions can only begin where
 * `localSessionsEnabled` says so: else clients get an answer that is no ConnectResponse.
 */
export class ReadOnly extends Pipeline {
  override readonly readOnly = true
  readonly sessions: Sessions

  /** @param sessions what is known of the sessions of the ensemble */
  constructor(database: Database, sessions: Sessions) {
    super(database)
    this.sessions = sessions
    this.refuseWrites = errno('NOTREADONLY')
  }

  /** It lives on where the others are: its client should find them (ReadOnlyZooKeeperServer.validateSession). */
  override turnsAway(sessionId: bigint): boolean {
    return this.database.sessions.has(sessionId)
  }

  createSession(client: Client | null): void {
    client?.sessionOpened(false)
  }

  reattach(
    _client: Client,
    id: bigint,
    password: Uint8Array | null,
    timeoutMs: number,
    nowMs: number,
  ): Session | ReattachRefusal {
    return this.locals?.reattach(id, password, timeoutMs, nowMs) ?? 'unknown'
  }

  protected write(client: Client, xid: number, opcode: number, _body: Reader, nowMs: number): void {
    this.refuse(client, xid, opcode, nowMs, this.refuseWrites)
  }

  protected sync(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void {
    this.write(client, xid, opcode, body, nowMs)
  }

  protected end(client: Client): void {
    client.closeAfterFlush('its session is not of this server')
  }

  protected applied(): void {}
}
