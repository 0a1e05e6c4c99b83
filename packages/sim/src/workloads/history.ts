import type { Txn } from '@vivarium/protocol'
import type { LogCopy } from '../world/log-archive.ts'
import type { Applied, Incident } from '../world/server-host.ts'
import type { ZabEvent } from '../world/zab-trace.ts'
import type { Request, Result } from './requests.ts'

/** A request of a client and what became of it. */
export interface Operation {
  readonly id: number
  readonly client: string
  readonly sessionId: bigint
  readonly xid: number
  /** The connection it was sent on. */
  readonly connection: number
  readonly request: Request
  /** Digest ids the client had authenticated with. */
  readonly identities: readonly string[]
  readonly invokedMs: number
  /** The highest zxid that any client had been told of when it was sent. */
  readonly floorZxid: number
  /** Null while there is no answer, which it may never get. */
  answer: Answer | null
}

export interface Answer {
  readonly ms: number
  readonly zxid: number
  readonly result: Result
}

/** What a client receives on a connection, in order. */
export type Message =
  | { readonly kind: 'answer'; readonly xid: number; readonly operation: Operation | null; readonly zxid: number }
  | { readonly kind: 'event'; readonly type: number; readonly path: string; readonly zxid: number }

export interface ConnectionHistory {
  readonly id: number
  readonly client: string
  readonly sessionId: bigint
  /** The address of the server. */
  readonly server: string
  readonly identities: readonly string[]
  readonly messages: Message[]
}

export interface SessionHistory {
  readonly id: bigint
  readonly client: string
  readonly timeoutMs: number
  readonly openedMs: number
  /** When the server was handed something that this session sent. */
  readonly heardMs: number[]
  /** When the client was told that it has expired. */
  expiredMs: number | null
  /** When the client asked for its end. */
  closedMs: number | null
}

/** What a znode has at the end: as a client would be told, and its data. */
export interface FinalZnode {
  readonly path: string
  readonly result: Result
}

/** A time in which the server cannot be expected to be punctual. */
export interface Disturbance {
  readonly fromMs: number
  toMs: number
  readonly text: string
}

/** What a member of an ensemble has at the end. */
export interface Replica {
  readonly server: number
  readonly log: LogCopy
  readonly tree: readonly FinalZnode[]
  readonly digest: string
}

/** All that is known of a run once it is over: what checkers judge. */
export interface History {
  readonly operations: Operation[]
  readonly connections: ConnectionHistory[]
  readonly sessions: SessionHistory[]
  /** What was asked of servers that were cut off, by who only reads. */
  readonly glimpses: readonly Operation[]
  readonly incidents: readonly Incident[]
  readonly disturbances: Disturbance[]
  /** All transactions that were committed, in zxid order: the log as it is at the end, or what the logs of an ensemble tell. */
  transactions: readonly Txn[]
  /** The tree of the server at the end, or of the one that leads; null if it was not to be had. */
  finalTree: readonly FinalZnode[] | null
  readonly tickMs: number
  /** Whether several servers were there. */
  readonly ensemble: boolean
  /** Whether two of them vote: what is written waits until one that is not heard has been given up. */
  readonly pair: boolean
  /** Whether sessions stay with the server that they began on. */
  readonly localSessions: boolean
  /** Whether these are made known to all where they need to be; otherwise they are refused what needs that. */
  readonly upgrading: boolean
  /** What was seen in the logs of the members of an ensemble, in the order of time. */
  readonly logs: readonly LogCopy[]
  /** What the trees of the members were after each transaction that they applied while they served. */
  readonly applied: readonly Applied[]
  /** What they did as parts of an ensemble, in the order of time. */
  readonly zab: readonly ZabEvent[]
  /** The members of an ensemble at the end. */
  readonly replicas: readonly Replica[]
  digestMismatches: number
  endMs: number
  /** Exceptions and rejections that nobody handled. */
  readonly crashes: readonly string[]
  /** What the clients could not make sense of. */
  readonly protocolErrors: string[]
  /** What was to be done after all faults had ended, and was not done in time. */
  readonly stalled: string[]
  /** What kinds of faults there were, by name. */
  readonly faults: readonly string[]
}

/** Collects what clients see, while it happens. */
export class Recorder {
  readonly operations: Operation[] = []
  readonly connections: ConnectionHistory[] = []
  readonly sessions: SessionHistory[] = []
  readonly glimpses: Operation[] = []
  readonly protocolErrors: string[] = []
  readonly disturbances: Disturbance[] = []
  /** The highest zxid that any client has been told of. */
  highestZxid = 0

  operation(values: Omit<Operation, 'id' | 'floorZxid' | 'answer'>): Operation {
    // Field by field: so are all of one shape, made at once.
    const { client, sessionId, xid, connection, request, identities, invokedMs } = values
    const operation: Operation = {
      id: this.operations.length,
      client,
      sessionId,
      xid,
      connection,
      request,
      identities,
      invokedMs,
      floorZxid: this.highestZxid,
      answer: null,
    }
    this.operations.push(operation)
    return operation
  }

  connection(values: Omit<ConnectionHistory, 'id' | 'messages'>): ConnectionHistory {
    const connection: ConnectionHistory = { ...values, id: this.connections.length, messages: [] }
    this.connections.push(connection)
    return connection
  }

  session(id: bigint, client: string, timeoutMs: number, nowMs: number): SessionHistory {
    const session: SessionHistory = {
      id,
      client,
      timeoutMs,
      openedMs: nowMs,
      heardMs: [],
      expiredMs: null,
      closedMs: null,
    }
    this.sessions.push(session)
    return session
  }

  saw(zxid: number): void {
    if (zxid > this.highestZxid) this.highestZxid = zxid
  }

  /** The server cannot be expected to be punctual from now on; the caller sets `toMs` when that is over. */
  disturbance(text: string, fromMs: number): Disturbance {
    const disturbance: Disturbance = { fromMs, toMs: Number.POSITIVE_INFINITY, text }
    this.disturbances.push(disturbance)
    return disturbance
  }
}
