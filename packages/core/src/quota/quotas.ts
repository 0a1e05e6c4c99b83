import type { ErrorCode } from '@vivarium/protocol'
import { PathTrie } from './path-trie.ts'
import {
  countedPath,
  isQuotaNode,
  LIMITS_NODE,
  limitedPath,
  limitsPath,
  QUOTA_ROOT,
  STATS_NODE,
  statsPath,
  topNamespace,
} from './quota-paths.ts'
import { StatsTrack } from './stats-track.ts'
import { addUsage, bytesOf, textOf } from './usage-text.ts'

/** What quotas need of the tree. Znodes are numbers; a negative one is none. */
export interface QuotaTree {
  find(path: string): number
  pathOf(node: number): string
  data(node: number): Uint8Array | null
  /** 0 or less for null. */
  dataLength(node: number): number
  /** Replaces the data and nothing else: no version, no zxid, no time, no watch. */
  setDataQuietly(node: number, data: Uint8Array): void
  forEachChild(node: number, visit: (child: number) => void): void
}

/** Told of every limit that a write has passed, or would have. */
export interface QuotaObserver {
  /**
   * @param namespace the first element of the path that was written to
   * @param hard whether the write is refused: `quota_exceeded_error_per_namespace` counts those
   * @param message for the log, where it should be rate-limited: a client can cause any number of them
   */
  quotaExceeded(namespace: string, hard: boolean, message: string): void
}

export interface NamespaceQuotas {
  countLimit: bigint
  bytesLimit: bigint
  countUsage: bigint
  bytesUsage: bigint
}

/**
 * The quotas of a tree: which paths have one, and what is used of it. A quota is a pair of znodes, its limits and its
 * usage; the usage is written here, at each change below its path. Only the deepest quota at or above a znode counts.
 *
 * Inherited from DataTree and ZooKeeperServer.checkQuota. Where a text of these znodes is malformed Java throws, and
 * stops if that is while it applies a transaction; here such a quota is not enforced, and its usage not updated.
 */
export class Quotas {
  readonly #tree: QuotaTree
  readonly #enforced: boolean
  readonly #observer: QuotaObserver | null
  readonly #registered = new PathTrie()

  /** @param enforced whether writes are checked at all (`enforceQuota`); usage is kept in any case */
  constructor(tree: QuotaTree, enforced: boolean, observer: QuotaObserver | null = null) {
    this.#tree = tree
    this.#enforced = enforced
    this.#observer = observer
  }

  /** How many paths have limits. */
  get size(): number {
    return this.#registered.size
  }

  /** The deepest path with a quota that is `path` or above it, or null (DataTree.getMaxPrefixWithQuota). */
  prefixOf(path: string): string | null {
    return this.#registered.deepest(path)
  }

  /** A znode was created, and is in the tree. */
  created(path: string, dataLength: number): void {
    if (isQuotaNode(path)) {
      const limited = limitedPath(path)
      if (limited !== null) this.#registered.add(limited)
      const counted = countedPath(path)
      if (counted !== null) this.#recount(counted)
    }
    this.#use(path, 1, dataLength)
  }

  /** A znode was deleted, and is no longer in the tree. */
  deleted(path: string, dataLength: number): void {
    if (isQuotaNode(path)) {
      const limited = limitedPath(path)
      if (limited !== null) this.#registered.delete(limited)
    }
    this.#use(path, -1, -dataLength)
  }

  /** The data of a znode was set. Lengths are in bytes, 0 for null. */
  dataSet(path: string, oldLength: number, newLength: number): void {
    this.#use(path, 0, newLength - oldLength)
  }

  /** Finds the quotas of a tree that was loaded, and counts what is used of them (DataTree.setupQuota). */
  reload(): void {
    this.#registered.clear()
    const limits: string[] = []
    this.#forEachLeaf((leaf) => {
      const limited = limitedPath(this.#tree.pathOf(leaf))
      if (limited !== null) limits.push(limited)
    })
    for (const path of limits) {
      this.#registered.add(path)
      this.#recount(path)
    }
  }

  /** QUOTAEXCEEDED if a znode with so many bytes of data would pass a hard limit. */
  checkCreate(path: string, dataLength: number): ErrorCode {
    return this.#check(path, 1, dataLength)
  }

  /** QUOTAEXCEEDED if data of another length would pass a hard limit. Lengths are in bytes, 0 for null. */
  checkSetData(path: string, oldLength: number, newLength: number): ErrorCode {
    return this.#check(path, 0, newLength - oldLength)
  }

  /**
   * The metrics `quota_*_per_namespace`, read from the tree: limits and usages are added up, and a limit that is not set
   * counts as −1, as in Java (QuotaMetricsUtils).
   */
  namespaces(): Map<string, NamespaceQuotas> {
    const namespaces = new Map<string, NamespaceQuotas>()
    this.#forEachLeaf((leaf) => {
      const path = this.#tree.pathOf(leaf)
      const isLimits = path.endsWith(`/${LIMITS_NODE}`)
      if (!isLimits && !path.endsWith(`/${STATS_NODE}`)) return
      const namespace = topNamespace(path.slice(QUOTA_ROOT.length))
      const track = this.#read(leaf)
      if (namespace === null || track === null) return
      let sums = namespaces.get(namespace)
      if (sums === undefined) {
        sums = { countLimit: 0n, bytesLimit: 0n, countUsage: 0n, bytesUsage: 0n }
        namespaces.set(namespace, sums)
      }
      if (isLimits) {
        sums.countLimit += limitOf(track.countHardLimit, track.count)
        sums.bytesLimit += limitOf(track.byteHardLimit, track.bytes)
      } else {
        sums.countUsage += track.count
        sums.bytesUsage += track.bytes
      }
    })
    return namespaces
  }

  #use(path: string, countDiff: number, bytesDiff: number): void {
    const prefix = this.#registered.deepest(path)
    if (prefix === null) return
    const node = this.#tree.find(statsPath(prefix))
    const data = node < 0 ? null : this.#tree.data(node)
    const usage = data === null ? null : addUsage(data, countDiff, bytesDiff)
    if (usage !== null) this.#tree.setDataQuietly(node, usage)
  }

  /** Writes what is used at and below `path`. */
  #recount(path: string): void {
    const stats = this.#tree.find(statsPath(path))
    if (stats < 0) return
    let count = 0
    let bytes = 0
    const top = this.#tree.find(path)
    // A stack of its own: a path can be deeper than calls can nest.
    const pending = top < 0 ? [] : [top]
    const push = (child: number): void => {
      pending.push(child)
    }
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      count++
      bytes += Math.max(this.#tree.dataLength(node), 0)
      this.#tree.forEachChild(node, push)
    }
    this.#tree.setDataQuietly(stats, bytesOf(StatsTrack.usage(BigInt(count), BigInt(bytes)).toString()))
  }

  /** Calls `visit` for each znode below the root of the quotas that has no children. */
  #forEachLeaf(visit: (leaf: number) => void): void {
    const root = this.#tree.find(QUOTA_ROOT)
    const pending = root < 0 ? [] : [root]
    const push = (child: number): void => {
      pending.push(child)
    }
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      const before = pending.length
      this.#tree.forEachChild(node, push)
      if (pending.length === before && node !== root) visit(node)
    }
  }

  #check(path: string, countDiff: number, bytesDiff: number): ErrorCode {
    if (!this.#enforced) return 'OK'
    const prefix = this.#registered.deepest(path)
    if (prefix === null) return 'OK'
    const limits = this.#read(this.#tree.find(limitsPath(prefix)))
    const usage = this.#read(this.#tree.find(statsPath(prefix)))
    if (limits === null || usage === null) return 'OK'
    const { count, bytes, countHardLimit, byteHardLimit } = limits
    if (
      (countDiff !== 0 &&
        this.#exceeds(path, prefix, 'count', usage.count + BigInt(countDiff), countHardLimit, count)) ||
      (bytesDiff !== 0 && this.#exceeds(path, prefix, 'bytes', usage.bytes + BigInt(bytesDiff), byteHardLimit, bytes))
    ) {
      return 'QUOTAEXCEEDED'
    }
    return 'OK'
  }

  /** True if a hard limit is passed. Where there is one, the soft limit is not looked at. */
  #exceeds(path: string, prefix: string, what: 'count' | 'bytes', value: bigint, hard: bigint, soft: bigint): boolean {
    const limit = limitOf(hard, soft)
    if (limit <= -1n || value <= limit) return false
    const isHard = hard > -1n
    const name = `${isHard ? 'hard' : 'soft'}${what === 'count' ? 'Count' : 'Byte'}Limit`
    const message = `Quota exceeded: ${prefix} [current ${what}=${value}, ${name}=${limit}]`
    this.#observer?.quotaExceeded(topNamespace(path) ?? '', isHard, message)
    return isHard
  }

  #read(node: number): StatsTrack | null {
    const data = node < 0 ? null : this.#tree.data(node)
    return data === null ? null : StatsTrack.parse(textOf(data))
  }
}

function limitOf(hard: bigint, soft: bigint): bigint {
  return hard > -1n ? hard : soft
}
