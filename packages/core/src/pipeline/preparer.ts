import {
  type ACL,
  CreateMode,
  type ErrorCode,
  errno,
  JuteError,
  KeeperOp,
  OpCode,
  type Reader,
  ReconfigRequest,
  type Txn,
  type TxnRecord,
} from '@vivarium/protocol'
import type { Identity } from '../auth/index.ts'
import type { SweepCandidate } from '../containers/index.ts'
import { keeperRouteOf } from '../keeper/extensions.ts'
import { type KeeperRequest, prepareKeeperWrite, readKeeperRequest } from '../keeper/keeper-writes.ts'
import { prepareCreate } from '../operations/create.ts'
import { prepareDelete, prepareDeleteContainer, remove } from '../operations/delete.ts'
import { prepareMulti, readMulti, UnnumberedError } from '../operations/multi.ts'
import { prepareReconfig, type Reconfigurable } from '../operations/reconfig.ts'
import {
  type CreateArguments,
  type DeleteArguments,
  readAcl,
  readCheckedPath,
  readCreate,
  readCreateTTL,
  readDelete,
  readSetData,
  type SetDataArguments,
} from '../operations/requests.ts'
import { prepareSetAcl } from '../operations/set-acl.ts'
import { prepareSetData } from '../operations/set-data.ts'
import type { Session } from '../sessions/index.ts'
import { DIGEST_VERSION } from '../tree/index.ts'
import type { ChangeRecord } from './change-record.ts'
import type { Database } from './database.ts'
import { Outstanding } from './outstanding.ts'
import type { Preparation } from './preparation.ts'
import { Route } from './route.ts'

/** Who asks for a write. */
export interface Requester {
  readonly session: Session
  readonly identities: readonly Identity[]
}

export interface PreparerOptions {
  readonly extendedTypes: boolean
  /** Whether closeSession transactions name the znodes that go with the session (`closeSessionTxn.enabled`). */
  readonly closeSessionPaths: boolean
  readonly reconfigEnabled: boolean
  /** The ensemble that this server leads; null or left out: it stands alone. */
  readonly ensemble?: Reconfigurable | null
}

/**
 * Turns requests into transactions: checks them against the tree as it will be, gives them their zxid and time, and
 * predicts the digest. A request that fails becomes an error transaction, which is logged like any other: zxids have no
 * gaps (PrepRequestProcessor).
 */
export class Preparer {
  readonly changes: Outstanding
  /** The last zxid that was given away. */
  lastZxid: number
  readonly #database: Database
  readonly #options: PreparerOptions
  readonly #preparation: MutablePreparation

  constructor(database: Database, options: PreparerOptions) {
    this.#database = database
    this.#options = options
    this.changes = new Outstanding(database.tree, (node) => database.aclOf(node))
    this.lastZxid = database.tree.lastProcessedZxid
    this.#preparation = new MutablePreparation(database, this.changes, options.extendedTypes)
  }

  /**
   * @param body stands after the request's header
   * @param time milliseconds since the Unix epoch
   * @returns undefined for a request that cannot be read, which is answered with MARSHALLINGERROR and leaves no trace;
   *   only a multi that cannot be read uses up a zxid, as in Java
   */
  prepare(opcode: number, body: Reader, requester: Requester, xid: number, time: number): Txn | undefined {
    let request: unknown
    try {
      request = readRequest(opcode, body, this.#database.keeper?.writes ?? false)
    } catch (error) {
      if (!(error instanceof JuteError)) throw error
      if (opcode !== OpCode.multi || error instanceof UnnumberedError) return undefined
      this.#start(requester, time)
      return this.#txn(opcode, xid, 'MARSHALLINGERROR')
    }
    const prep = this.#start(requester, time)
    const { keeper } = this.#database
    if (keeper !== null && keeperRouteOf(opcode) === Route.WRITE) {
      const body = prepareKeeperWrite(opcode, request as KeeperRequest, prep, keeper.maxTxnBytes)
      return typeof body === 'string' ? this.#txn(opcode, xid, body) : this.#txn(body.type, xid, body.record)
    }
    return this.#txn(opcode, xid, this.#record(opcode, request))
  }

  /** A new session with this timeout, in milliseconds. */
  createSession(session: Session, time: number): Txn {
    this.#start({ session, identities: [] }, time)
    return this.#txn(OpCode.createSession, 0, { timeOut: session.timeoutMs })
  }

  /** The end of a session: asked for by its client, or because it has expired. Takes its ephemeral znodes with it. */
  closeSession(session: Session, xid: number, time: number): Txn {
    const prep = this.#start({ session, identities: [] }, time)
    const paths = this.changes.ephemeralsOf(session.id)
    for (const path of paths) {
      const slash = path.lastIndexOf('/')
      const parent = this.changes.get(slash === 0 ? '/' : path.slice(0, slash))
      const node = this.changes.get(path)
      if (parent === undefined || node === undefined) continue
      remove(parent, node, prep)
    }
    return this.#txn(OpCode.closeSession, xid, this.#options.closeSessionPaths ? { paths2Delete: paths } : null)
  }

  /** The server's own deletion of a container or TTL znode whose time has come. */
  deleteContainer(candidate: SweepCandidate, time: number): Txn {
    const prep = this.#start(null, time)
    return this.#txn(OpCode.deleteContainer, 0, prepareDeleteContainer(candidate, prep))
  }

  /** A request that comes to nothing, for a reason that lies outside of it, and uses up a zxid nevertheless. */
  refuse(requester: Requester, xid: number, time: number, code: ErrorCode): Txn {
    this.#start(requester, time)
    return this.#txn(OpCode.error, xid, code)
  }

  #start(requester: Requester | null, time: number): MutablePreparation {
    this.lastZxid++
    const prep = this.#preparation
    prep.zxid = this.lastZxid
    prep.time = time
    if (requester === null) {
      prep.sessionId = 0n
      prep.sessionClosing = false
      prep.ownsEphemerals = false
      prep.identities = []
    } else {
      prep.sessionId = requester.session.id
      prep.sessionClosing = requester.session.closing
      prep.ownsEphemerals = !requester.session.local
      prep.identities = requester.identities
    }
    return prep
  }

  #record(opcode: number, request: unknown): TxnRecord | null | ErrorCode {
    const prep = this.#preparation
    switch (opcode) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
        return prepareCreate(opcode, request as CreateArguments, prep)
      case OpCode.delete:
        return prepareDelete(request as DeleteArguments, prep)
      case OpCode.setData:
        return prepareSetData(request as SetDataArguments, prep)
      case OpCode.setACL:
        return prepareSetAcl(request as Parameters<typeof prepareSetAcl>[0], prep)
      case OpCode.multi:
        return prepareMulti(request as ReturnType<typeof readMulti>, prep, this.#database.keeper?.maxTxnBytes ?? 0)
      case OpCode.reconfig:
        if (!this.#options.reconfigEnabled) return 'RECONFIGDISABLED'
        return prepareReconfig(request as ReconfigRequest, this.#options.ensemble ?? null, prep)
      default:
        return 'UNIMPLEMENTED'
    }
  }

  #txn(type: number, xid: number, result: TxnRecord | null | ErrorCode): Txn {
    const prep = this.#preparation
    const failed = typeof result === 'string'
    const { changes } = this
    return {
      clientId: prep.sessionId,
      cxid: xid,
      zxid: prep.zxid,
      time: prep.time,
      type: failed ? OpCode.error : type,
      record: failed ? { err: errno(result) } : result,
      digest: this.#database.tree.digestEnabled
        ? { version: DIGEST_VERSION, high: changes.digestHigh, low: changes.digestLow }
        : null,
    } as Txn
  }
}

/** Whether a write can be read; consumes it. @param keeper whether it may be one of ClickHouse Keeper's */
export function isReadable(opcode: number, body: Reader, keeper: boolean): boolean {
  try {
    readRequest(opcode, body, keeper)
    return true
  } catch (error) {
    if (!(error instanceof JuteError)) throw error
    return false
  }
}

/** Whether a write, alone or as a part of a multi, wants an ephemeral znode (QuorumZooKeeperServer.checkUpgradeSession). */
export function createsEphemeral(opcode: number, body: Reader, keeper: boolean): boolean {
  const creates = opcode === OpCode.create || opcode === OpCode.create2 || opcode === KeeperOp.createIfNotExists
  if (!creates && opcode !== OpCode.multi) return false
  const start = body.offset
  try {
    const request = readRequest(opcode, body, keeper)
    if (opcode !== OpCode.multi) return isEphemeral(request as CreateArguments)
    return (request as ReturnType<typeof readMulti>).some(
      ({ type, request: part }) =>
        (type === OpCode.create || type === OpCode.create2 || type === KeeperOp.createIfNotExists) && isEphemeral(part),
    )
  } catch (error) {
    if (!(error instanceof JuteError)) throw error
    return false
  } finally {
    body.offset = start
  }
}

function isEphemeral(request: object): boolean {
  return CreateMode.fromFlags((request as CreateArguments).flags)?.isEphemeral ?? false
}

function readRequest(opcode: number, body: Reader, keeper: boolean): unknown {
  switch (opcode) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return readCreate(body)
    case OpCode.createTTL:
      return readCreateTTL(body)
    case OpCode.delete:
      return readDelete(body)
    case OpCode.setData:
      return readSetData(body, readCheckedPath(body))
    case OpCode.setACL:
      return { path: readCheckedPath(body), acl: readAcl(body), version: body.int() }
    case OpCode.reconfig:
      return ReconfigRequest.read(body)
    case OpCode.multi:
      return readMulti(body, keeper)
    default:
      return keeper && keeperRouteOf(opcode) === Route.WRITE ? readKeeperRequest(opcode, body) : null
  }
}

class MutablePreparation implements Preparation {
  readonly changes: Outstanding
  readonly extendedTypes: boolean
  readonly keepsDigests: boolean
  zxid = 0
  time = 0
  sessionId = 0n
  sessionClosing = false
  ownsEphemerals = false
  identities: readonly Identity[] = []
  readonly #database: Database

  constructor(database: Database, changes: Outstanding, extendedTypes: boolean) {
    this.#database = database
    this.changes = changes
    this.extendedTypes = extendedTypes
    this.keepsDigests = database.tree.digestEnabled
  }

  allows(acl: readonly ACL[], wanted: number): boolean {
    return this.#database.access.allows(acl, wanted, this.identities)
  }

  fixupAcl(acl: readonly (ACL | null)[] | null): readonly ACL[] | ErrorCode {
    return this.#database.access.fixup(acl, this.identities)
  }

  checkQuota(path: string, before: ChangeRecord | null, data: Uint8Array | null, operation: 'create' | 'setData') {
    return this.#database.checkQuota(path, before, data, operation)
  }
}
