import {
  type ACL,
  CreateMode,
  DeleteRequest,
  JuteError,
  KeeperOp,
  OpCode,
  Perm,
  Reader,
  SetACLRequest,
} from '@vivarium/protocol'
import { type AuthProviders, userNames } from '../auth/index.ts'
import { readMulti } from '../operations/multi.ts'
import { type CreateArguments, readCreate, readCreateTTL, readSetData } from '../operations/requests.ts'
import type { ApplyResult } from '../pipeline/apply.ts'
import type { Client } from '../pipeline/client.ts'
import type { Database } from '../pipeline/database.ts'
import type { AuditRecord } from './audit-record.ts'

/** What was asked for. */
interface Asked {
  readonly operation: string
  readonly path: string | null
  readonly znodeType?: string | null
  readonly acl?: string | null
  /** Of what may become a multi: the types of the znodes that it creates, by the paths that are asked for. */
  readonly types?: ReadonlyMap<string, string>
}

const MULTI = 'multiOperation'

/** The operations of a multi that are audited. */
const PARTS = new Map<number, string>([
  [OpCode.create, 'create'],
  [OpCode.create2, 'create'],
  [OpCode.createTTL, 'create'],
  [OpCode.createContainer, 'create'],
  [OpCode.delete, 'delete'],
  [OpCode.deleteContainer, 'delete'],
  [OpCode.setData, 'setData'],
])

/** In the order in which Java writes them (ZKUtil.getPermString). */
const LETTERS = [
  [Perm.CREATE, 'c'],
  [Perm.DELETE, 'd'],
  [Perm.READ, 'r'],
  [Perm.WRITE, 'w'],
  [Perm.ADMIN, 'a'],
] as const

/**
 * A write that is audited once it is clear what comes of it: what was asked for, and who has asked, at that time.
 *
 * Inherited from AuditHelper.
 */
export class AuditedRequest {
  readonly #session: bigint
  readonly #user: string | null
  readonly #ip: string | null
  readonly #asked: Asked

  private constructor(client: Client, asked: Asked, providers: AuthProviders) {
    const { session, identities } = client
    this.#session = session.id
    this.#user = userNames(identities, providers)
    this.#ip = identities.find(({ scheme }) => scheme === 'ip')?.id ?? null
    this.#asked = asked
  }

  /** @param body is left as it is. Null: the operation is not audited, or cannot be read. */
  static of(client: Client, opcode: number, body: Reader, { access, keeper }: Database): AuditedRequest | null {
    try {
      const copy = new Reader(body.bytes, body.offset, body.end, body.maxField)
      const asked = askedFor(opcode, copy, keeper?.writes ?? false)
      return asked === null ? null : new AuditedRequest(client, asked, access.providers)
    } catch (error) {
      if (!(error instanceof JuteError)) throw error
      return null
    }
  }

  /** What there is to say of it, given what came of it. @param refused whether it became an error and nothing else */
  *records({ code, path, txns, errnos }: ApplyResult, refused: boolean): Iterable<AuditRecord> {
    const { operation, types } = this.#asked
    // What ClickHouse Keeper adds becomes one transaction, or a multi.
    const single = types === undefined || (txns.length === 0 && operation !== MULTI)
    if (single || refused) {
      // A znode that was created has the path that it got, with its number.
      const znode = refused ? this.#asked.path : path
      const result = refused || code !== 'OK' ? 'failure' : 'success'
      yield this.#record({ operation, znode, result, znodeType: this.#asked.znodeType, acl: this.#asked.acl })
    } else if (errnos !== null) yield this.#record({ operation, znode: this.#asked.path, result: 'failure' })
    else {
      for (const { type, record } of txns) {
        const part = PARTS.get(type)
        if (part === undefined) continue
        const znode = (record as { readonly path: string }).path
        const znodeType = part === 'create' ? types.get(znode) : null
        yield this.#record({ operation: part, znode, result: 'success', znodeType })
      }
    }
  }

  #record(of: {
    operation: string
    znode: string | null
    result: AuditRecord['result']
    znodeType?: string | null | undefined
    acl?: string | null | undefined
  }): AuditRecord {
    const { znodeType = null, acl = null, ...rest } = of
    return { session: this.#session, user: this.#user, ip: this.#ip, znodeType, acl, ...rest }
  }
}

function askedFor(opcode: number, body: Reader, keeper: boolean): Asked | null {
  switch (opcode) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return creation(readCreate(body))
    case OpCode.createTTL:
      return creation(readCreateTTL(body))
    case OpCode.delete:
      return { operation: 'delete', path: DeleteRequest.read(body).path }
    case OpCode.setData:
      return { operation: 'setData', path: readSetData(body).path }
    case OpCode.setACL: {
      const { path, acl } = SetACLRequest.read(body)
      return { operation: 'setAcl', path, acl: aclText(acl ?? []) }
    }
    case OpCode.multi: {
      const types = new Map<string, string>()
      for (const { type, request } of readMulti(body, keeper)) {
        const mode = type === OpCode.createTTL ? null : typeOf(request as CreateArguments)
        if (mode !== null && request.path !== null) types.set(request.path, mode)
      }
      return { operation: MULTI, path: null, types }
    }
    case OpCode.reconfig:
      return { operation: 'reconfig', path: null }
    case KeeperOp.createIfNotExists: {
      const asked = creation(readCreate(body))
      if (asked === null || !keeper) return null
      return { ...asked, types: new Map([[asked.path ?? '', asked.znodeType ?? '']]) }
    }
    case KeeperOp.removeRecursive:
    case KeeperOp.tryRemove:
      return keeper ? { operation: 'delete', path: body.string(), types: new Map() } : null
    default:
      return null
  }
}

/** Java says nothing of a create whose flags mean nothing. */
function creation(request: CreateArguments): Asked | null {
  const znodeType = typeOf(request)
  return znodeType === null ? null : { operation: 'create', path: request.path, znodeType }
}

function typeOf({ flags }: Partial<CreateArguments>): string | null {
  return flags === undefined ? null : (CreateMode.fromFlags(flags)?.name.toLowerCase() ?? null)
}

function aclText(acl: readonly (ACL | null)[]): string {
  const entries = acl.map((entry) => {
    const { perms = 0, id } = entry ?? {}
    const letters = LETTERS.map(([bit, letter]) => ((perms & bit) !== 0 ? letter : '')).join('')
    return `${id?.scheme ?? null}:${id?.id ?? null}:${letters}`
  })
  return entries.join('')
}
