import type { ACL, ErrorCode } from '@vivarium/protocol'
import type { KeeperExtensions } from '../keeper/extensions.ts'
import type { Quotas } from '../quota/index.ts'
import type { NamespaceTraffic } from '../traffic/index.ts'
import { type DataTree, OPEN_ACL_ID } from '../tree/index.ts'
import { WatchManager, type WatchObserver } from '../watches/index.ts'
import type { AccessControl } from './access-control.ts'
import type { ChangeRecord } from './change-record.ts'
import { DigestHistory } from './digest-history.ts'
import type { Requester } from './preparer.ts'

/** Stands for a list that is lost: an empty one would let everybody in. */
const NOBODY: readonly ACL[] = [{ perms: 0, id: { scheme: 'world', id: 'anyone' } }]

/** All that a server serves, and the rules by which it is read: tree, sessions, watches, quotas (ZKDatabase). */
export class Database {
  readonly tree: DataTree
  /** The sessions whose creation has been applied, and their timeouts in milliseconds: what a snapshot has. */
  readonly sessions: Map<bigint, number>
  readonly watches: WatchManager
  readonly access: AccessControl
  readonly quotas: Quotas
  /** Null: nobody asks for it. */
  readonly traffic: NamespaceTraffic | null
  /** Null: only ZooKeeper's own operations are there. */
  keeper: KeeperExtensions | null = null
  /** Takes which znodes went with their sessions; null: nobody asks. */
  audit: ((sessionId: bigint, path: string, removed: boolean) => void) | null = null
  readonly digests = new DigestHistory()
  /** Transactions after which the digest was another than the one that the transaction carries. */
  digestMismatches = 0
  /** False while a log is replayed over a snapshot that may have part of it already. */
  comparesDigests = true
  /** Whether that comes true again with the first transaction whose digest agrees. */
  awaitsDigest = false
  /** The list that {@link internAcl} was last asked for, its id, and the equal list in the table. */
  #lastAcl: readonly ACL[] | null = null
  #lastAclId = 0
  #lastStoredAcl: readonly ACL[] | undefined

  constructor(options: {
    tree: DataTree
    sessions: Map<bigint, number>
    access: AccessControl
    quotas: Quotas
    watchObserver?: WatchObserver
    traffic?: NamespaceTraffic | null
  }) {
    this.tree = options.tree
    this.sessions = options.sessions
    this.access = options.access
    this.quotas = options.quotas
    this.traffic = options.traffic ?? null
    this.watches = new WatchManager(options.watchObserver ?? null)
  }

  /** Whether the requester has one of the permissions `wanted` on the znode. */
  allows(requester: Requester, node: number, wanted: number): boolean {
    const { tree } = this
    const aclId = tree.aclId(node)
    return aclId === OPEN_ACL_ID || this.access.allows(this.aclOf(node), wanted, requester.identities)
  }

  /** The id of a list, as `AclTable.intern`; at once for the same list as last time, which it almost always is. */
  internAcl(acl: readonly ACL[] | null): number {
    if (acl === null) return OPEN_ACL_ID
    const { acls } = this.tree
    if (acl === this.#lastAcl && acls.get(this.#lastAclId) === this.#lastStoredAcl) {
      acls.use(this.#lastAclId)
      return this.#lastAclId
    }
    const id = acls.intern(acl)
    this.#lastAcl = acl
    this.#lastAclId = id
    this.#lastStoredAcl = acls.get(id)
    return id
  }

  /** The access control list of a znode. */
  aclOf(node: number): readonly ACL[] {
    return this.tree.acls.get(this.tree.aclId(node)) ?? NOBODY
  }

  checkQuota(
    path: string,
    before: ChangeRecord | null,
    data: Uint8Array | null,
    operation: 'create' | 'setData',
  ): ErrorCode {
    const bytes = data === null ? 0 : data.length
    if (operation === 'create' || before === null) return this.quotas.checkCreate(path, bytes)
    return this.quotas.checkSetData(path, Math.max(0, before.dataLength), bytes)
  }
}
