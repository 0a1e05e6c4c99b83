import { type ACL, type ErrorCode, errno, Perm, type Stat } from '@vivarium/protocol'
import type { Request, Result, WriteRequest } from '../workloads/requests.ts'

/** A znode of the model: as plain as can be. */
export interface ModelZnode {
  data: string | null
  acl: readonly ACL[]
  czxid: number
  mzxid: number
  pzxid: number
  ctime: number
  mtime: number
  version: number
  /** Children ever created. */
  created: number
  aversion: number
  owner: bigint
  container: boolean
  readonly children: Set<string>
}

/** A change that watches may be waiting for. */
export interface Change {
  readonly kind: 'created' | 'deleted' | 'changed'
  readonly path: string
  readonly acl: readonly ACL[]
  readonly parentAcl: readonly ACL[]
}

/** Who asks, and at which transaction. */
export interface Moment {
  readonly zxid: number
  readonly timeMs: number
  readonly sessionId: bigint
  /** Digest ids. */
  readonly identities: readonly string[]
}

const OPEN: readonly ACL[] = [{ perms: Perm.ALL, id: { scheme: 'world', id: 'anyone' } }]
const SPECIAL = new Set(['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'])

export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')))
}

export function mayDo(acl: readonly ACL[], perm: number, identities: readonly string[]): boolean {
  return acl.some(
    ({ perms, id }) =>
      (perms & perm) !== 0 &&
      (id.scheme === 'world' || (id.scheme === 'digest' && id.id !== null && identities.includes(id.id))),
  )
}

function failure(code: ErrorCode): Result {
  return { err: errno(code) }
}

/**
 * What ZooKeeper's data model says: one znode after the other in a map, one transaction after the other. It shares no
 * code with the server.
 */
export class ModelTree {
  readonly znodes = new Map<string, ModelZnode>()
  /** What the last call of {@link write}, {@link closeSession} or {@link remove} did, in order. */
  changes: Change[] = []

  constructor() {
    for (const path of SPECIAL)
      this.#put(path, '', OPEN, 0n, false, { zxid: 0, timeMs: 0, sessionId: 0n, identities: [] })
    for (const path of SPECIAL) if (path !== '/') this.#parent(path).children.add(path.slice(path.lastIndexOf('/') + 1))
    // Nobody may write it (DataTree.addConfigNode), and its list counts as one that was never set.
    Object.assign(this.znodes.get('/zookeeper/config') as ModelZnode, { aversion: -1 })
  }

  /** A request that becomes a transaction. An error changes nothing. */
  write(request: Request, moment: Moment): Result {
    this.changes = []
    switch (request.kind) {
      case 'multi':
        return this.#multi(request.operations, moment)
      case 'setACL':
        return this.#setAcl(request, moment)
      case 'create':
      case 'create2':
      case 'createContainer':
      case 'delete':
      case 'setData':
        return this.#single(request, moment)
      default:
        throw new Error(`${request.kind} is no write`)
    }
  }

  /** The ephemeral znodes of a session. */
  ephemeralsOf(sessionId: bigint): string[] {
    return [...this.znodes].filter(([, { owner }]) => owner === sessionId).map(([path]) => path)
  }

  /** Deletes znodes that go with a session, or whose time has come. */
  remove(paths: readonly string[], zxid: number): void {
    this.changes = []
    for (const path of paths) if (this.znodes.has(path)) this.#delete(path, zxid)
  }

  /** The members have changed: whoever watches them is told. */
  touchConfig(): void {
    const { acl } = this.znodes.get('/zookeeper/config') as ModelZnode
    this.changes.push({ kind: 'changed', path: '/zookeeper/config', acl, parentAcl: [] })
  }

  /** A request that changes nothing. */
  read(request: Request, sessionId: bigint, identities: readonly string[]): Result {
    switch (request.kind) {
      case 'exists':
      case 'getData':
      case 'getChildren':
      case 'getChildren2':
      case 'getACL':
      case 'getAllChildrenNumber':
        return this.#readZnode(request.kind, request.path, identities)
      case 'getEphemerals': {
        const { prefix } = request
        const paths = this.ephemeralsOf(sessionId).filter((path) => prefix === '/' || path.startsWith(prefix))
        return { err: 0, names: paths.sort() }
      }
      case 'sync':
        return { err: 0, path: request.path }
      default:
        return { err: 0 }
    }
  }

  stat(path: string): Stat {
    const znode = this.znodes.get(path) as ModelZnode
    return {
      czxid: znode.czxid,
      mzxid: znode.mzxid,
      ctime: znode.ctime,
      mtime: znode.mtime,
      version: znode.version,
      cversion: 2 * znode.created - znode.children.size,
      aversion: znode.aversion,
      ephemeralOwner: znode.owner,
      dataLength: znode.data === null ? 0 : Buffer.byteLength(znode.data),
      numChildren: znode.children.size,
      pzxid: znode.pzxid,
    }
  }

  #readZnode(kind: string, path: string, identities: readonly string[]): Result {
    const znode = this.znodes.get(path)
    if (znode === undefined) return failure('NONODE')
    const wanted = kind === 'getACL' ? Perm.READ | Perm.ADMIN : Perm.READ
    if (!mayDo(znode.acl, wanted, identities)) return failure('NOAUTH')
    const names = [...znode.children].sort()
    const stat = this.stat(path)
    switch (kind) {
      case 'exists':
        return { err: 0, stat }
      case 'getData':
        return { err: 0, data: znode.data, stat }
      case 'getChildren':
        return { err: 0, names }
      case 'getChildren2':
        return { err: 0, names, stat }
      case 'getACL':
        return { err: 0, acl: mayDo(znode.acl, Perm.ADMIN, identities) ? znode.acl : withoutHashes(znode.acl), stat }
      default: {
        const below = path === '/' ? '/' : `${path}/`
        return { err: 0, count: [...this.znodes.keys()].filter((one) => one !== '/' && one.startsWith(below)).length }
      }
    }
  }

  /** All or nothing: on an error, what was done before is undone. */
  #multi(operations: readonly WriteRequest[], moment: Moment): Result {
    const before = new Map(
      [...this.znodes].map(([path, znode]) => [path, { ...znode, children: new Set(znode.children) }]),
    )
    const results: Result[] = []
    for (const operation of operations) {
      const result = this.#single(operation, moment)
      if (result.err === 0) {
        results.push(result)
        continue
      }
      this.changes = []
      this.znodes.clear()
      for (const [path, znode] of before) this.znodes.set(path, znode)
      const rest = operations.slice(results.length + 1)
      return {
        err: 0,
        results: [...results.map(() => ({ err: 0 })), result, ...rest.map(() => failure('RUNTIMEINCONSISTENCY'))],
      }
    }
    return { err: 0, results }
  }

  #single(request: WriteRequest, moment: Moment): Result {
    switch (request.kind) {
      case 'delete': {
        const { path, version } = request
        if (SPECIAL.has(path)) return failure('BADARGUMENTS')
        const parent = this.znodes.get(parentOf(path))
        if (parent === undefined) return failure('NONODE')
        if (!mayDo(parent.acl, Perm.DELETE, moment.identities)) return failure('NOAUTH')
        const znode = this.znodes.get(path)
        if (znode === undefined) return failure('NONODE')
        if (version !== -1 && version !== znode.version) return failure('BADVERSION')
        if (znode.children.size > 0) return failure('NOTEMPTY')
        this.#delete(path, moment.zxid)
        return { err: 0 }
      }
      case 'setData': {
        const { path, data, version } = request
        const znode = this.znodes.get(path)
        if (znode === undefined) return failure('NONODE')
        if (!mayDo(znode.acl, Perm.WRITE, moment.identities)) return failure('NOAUTH')
        if (version !== -1 && version !== znode.version) return failure('BADVERSION')
        Object.assign(znode, { data, version: znode.version + 1, mzxid: moment.zxid, mtime: moment.timeMs })
        this.changes.push({ kind: 'changed', path, acl: znode.acl, parentAcl: [] })
        return { err: 0, stat: this.stat(path) }
      }
      case 'check': {
        const { path, version } = request
        const znode = this.znodes.get(path)
        if (znode === undefined) return failure('NONODE')
        if (!mayDo(znode.acl, Perm.READ, moment.identities)) return failure('NOAUTH')
        return version !== -1 && version !== znode.version ? failure('BADVERSION') : { err: 0 }
      }
      default:
        return this.#create(request, moment)
    }
  }

  #create(request: Extract<WriteRequest, { readonly flags: number }>, moment: Moment): Result {
    const acl = withIdentities(request.acl, moment.identities)
    if (acl === null) return failure('INVALIDACL')
    const parentPath = parentOf(request.path)
    const parent = this.znodes.get(parentPath)
    if (parent === undefined) return failure('NONODE')
    if (!mayDo(parent.acl, Perm.CREATE, moment.identities)) return failure('NOAUTH')
    const sequential = (request.flags & 2) !== 0
    const path = sequential ? request.path + String(parent.created).padStart(10, '0') : request.path
    if (this.znodes.has(path)) return failure('NODEEXISTS')
    if (parent.owner !== 0n) return failure('NOCHILDRENFOREPHEMERALS')
    const container = request.kind === 'createContainer'
    const owner = !container && (request.flags & 1) !== 0 ? moment.sessionId : 0n
    this.#put(path, request.data, acl, owner, container, moment)
    parent.children.add(path.slice(path.lastIndexOf('/') + 1))
    parent.created++
    parent.pzxid = moment.zxid
    this.changes.push({ kind: 'created', path, acl, parentAcl: parent.acl })
    return request.kind === 'create' ? { err: 0, path } : { err: 0, path, stat: this.stat(path) }
  }

  #setAcl(request: Extract<Request, { kind: 'setACL' }>, moment: Moment): Result {
    const acl = withIdentities(request.acl, moment.identities)
    if (acl === null) return failure('INVALIDACL')
    const znode = this.znodes.get(request.path)
    if (znode === undefined) return failure('NONODE')
    if (!mayDo(znode.acl, Perm.ADMIN, moment.identities)) return failure('NOAUTH')
    if (request.version !== -1 && request.version !== znode.aversion) return failure('BADVERSION')
    znode.acl = acl
    znode.aversion++
    return { err: 0, stat: this.stat(request.path) }
  }

  #put(path: string, data: string | null, acl: readonly ACL[], owner: bigint, container: boolean, at: Moment): void {
    const { zxid, timeMs } = at
    this.znodes.set(path, {
      data,
      acl,
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctime: timeMs,
      mtime: timeMs,
      version: 0,
      created: 0,
      aversion: 0,
      owner,
      container,
      children: new Set(),
    })
  }

  #parent(path: string): ModelZnode {
    return this.znodes.get(parentOf(path)) as ModelZnode
  }

  #delete(path: string, zxid: number): void {
    const parent = this.#parent(path)
    const { acl } = this.znodes.get(path) as ModelZnode
    this.znodes.delete(path)
    parent.children.delete(path.slice(path.lastIndexOf('/') + 1))
    parent.pzxid = zxid
    this.changes.push({ kind: 'deleted', path, acl, parentAcl: parent.acl })
  }
}

/** `auth` stands for whatever the client has authenticated as. Null if that is nothing. */
function withIdentities(acl: readonly ACL[], identities: readonly string[]): readonly ACL[] | null {
  const result = acl.flatMap((entry): ACL[] =>
    entry.id.scheme === 'auth'
      ? identities.map((id) => ({ perms: entry.perms, id: { scheme: 'digest', id } }))
      : [entry],
  )
  return result.length === 0 ? null : result
}

function withoutHashes(acl: readonly ACL[]): readonly ACL[] {
  return acl.map(({ perms, id }) =>
    id.scheme === 'digest' ? { perms, id: { scheme: 'digest', id: `${id.id?.split(':')[0]}:x` } } : { perms, id },
  )
}
