import { OPEN_ACL_UNSAFE, OpCode, type Stat, type Txn } from '@vivarium/protocol'
import type { ConnectionHistory, History, Operation, SessionHistory } from '../../dist/workloads/history.js'
import type { Request, Result } from '../../dist/workloads/requests.js'

type Incident = History['incidents'][number]

interface Asked {
  /** By default the next one for a write, and the last one for a read. */
  readonly zxid?: number
  /** Whether it is answered. */
  readonly answered?: boolean
  /** The transaction of a write; null for none. */
  readonly txn?: Partial<Txn> | null
  readonly floorZxid?: number
  readonly ms?: number
}

/** A session of a client, on one connection. */
export interface Teller {
  readonly session: SessionHistory
  connection: ConnectionHistory
  nextXid: number
}

const WRITES = ['create', 'delete', 'setData', 'multi', 'closeSession']

/** Writes a history by hand, as a checker gets it. What is not said is as it should be. */
export class Story {
  readonly operations: Operation[] = []
  readonly connections: ConnectionHistory[] = []
  readonly sessions: SessionHistory[] = []
  readonly transactions: Txn[] = []
  readonly incidents: Incident[] = []
  zxid = 0
  nowMs = 100

  opens(client: string, timeoutMs = 1000): Teller {
    const id = BigInt(this.sessions.length + 1)
    const session = { id, client, timeoutMs, openedMs: this.nowMs, heardMs: [], expiredMs: null, closedMs: null }
    this.sessions.push(session)
    this.logs({ type: OpCode.createSession, clientId: id, cxid: 0, record: { timeOut: timeoutMs } })
    return { session, connection: this.#connection(session), nextXid: 1 }
  }

  reconnects(teller: Teller): void {
    teller.connection = this.#connection(teller.session)
  }

  asks(teller: Teller, request: Request, result: Result, asked: Asked = {}): Operation {
    const { session, connection } = teller
    const xid = teller.nextXid++
    const write = WRITES.includes(request.kind)
    const before = this.zxid
    if (write && asked.txn !== null) {
      this.logs({
        type: result.err === 0 ? OpCode[request.kind as 'create'] : OpCode.error,
        clientId: session.id,
        cxid: xid,
        record: (result.err === 0 ? request : { err: result.err }) as Txn['record'],
        ...asked.txn,
      })
    }
    const zxid = asked.zxid ?? this.zxid
    const ms = asked.ms ?? this.nowMs++
    session.heardMs.push(ms)
    const operation: Operation = {
      id: this.operations.length,
      client: session.client,
      sessionId: session.id,
      xid,
      connection: connection.id,
      request,
      identities: [],
      invokedMs: ms,
      floorZxid: asked.floorZxid ?? before,
      answer: asked.answered === false ? null : { ms, zxid, result },
    }
    this.operations.push(operation)
    if (operation.answer !== null) connection.messages.push({ kind: 'answer', xid, operation, zxid })
    return operation
  }

  creates(teller: Teller, path: string, asked: Asked = {}): Operation {
    return this.asks(
      teller,
      { kind: 'create', path, data: 'x', acl: OPEN_ACL_UNSAFE, flags: 0 },
      { err: 0, path },
      asked,
    )
  }

  isTold(teller: Teller, type: number, path: string, zxid = this.zxid): void {
    teller.connection.messages.push({ kind: 'event', type, path, zxid })
  }

  logs(txn: Partial<Txn>): void {
    this.zxid++
    this.transactions.push({
      clientId: 0n,
      cxid: 0,
      zxid: this.zxid,
      time: 5,
      type: 0,
      record: null,
      digest: null,
      ...txn,
    })
  }

  happens(kind: Incident['kind'], text: string, ms: number, sessionId?: bigint): void {
    this.incidents.push({ kind, server: 1, text, ms, ...(sessionId === undefined ? {} : { sessionId }) })
  }

  told(changes: Partial<History> = {}): History {
    return {
      operations: this.operations,
      connections: this.connections,
      sessions: this.sessions,
      glimpses: [],
      incidents: this.incidents,
      disturbances: [],
      transactions: this.transactions,
      finalTree: null,
      tickMs: 100,
      ensemble: false,
      pair: false,
      localSessions: false,
      upgrading: false,
      logs: [],
      applied: [],
      zab: [],
      replicas: [],
      digestMismatches: 0,
      endMs: this.nowMs,
      crashes: [],
      protocolErrors: [],
      stalled: [],
      faults: [],
      ...changes,
    }
  }

  #connection({ client, id }: SessionHistory): ConnectionHistory {
    const connection = { id: this.connections.length, client, sessionId: id, server: '', identities: [], messages: [] }
    this.connections.push(connection)
    return connection
  }
}

/** The Stat of a znode that `zxid` has created with one byte of data, and that nothing has changed since. */
export function newStat(zxid: number, changes: Partial<Stat> = {}): Stat {
  return {
    czxid: zxid,
    mzxid: zxid,
    ctime: 5,
    mtime: 5,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: 0n,
    dataLength: 1,
    numChildren: 0,
    pzxid: zxid,
    ...changes,
  }
}
