import { joinPath } from '@vivarium/protocol'
import type { DataInput } from '../../requests/arguments.ts'
import type { ZooKeeper } from '../../zookeeper.ts'
import { PathCache } from '../cache/path-cache.ts'
import type { CacheChange } from '../cache/znode-cache.ts'
import { PersistentNode } from './persistent-node.ts'

export interface GroupMemberOptions {
  /** What the member says of itself. Default: empty. */
  readonly data?: DataInput | undefined
  /** Whether a member of the same id that is there at the start makes way. Default: it is waited for. */
  readonly takeOver?: boolean | undefined
}

/**
 * A member of a group, who knows the others: `<path>/<id>`, ephemeral, as Curator's GroupMember.
 *
 * @example
 * await using member = await GroupMember.join(zk, '/groups/workers', 'w1', { data: 'host-7' })
 * for (const [id, data] of member.members()) console.log(id, data.toString())
 */
export class GroupMember implements AsyncDisposable {
  readonly id: string
  readonly #node: PersistentNode
  readonly #cache: PathCache
  #data: Buffer

  private constructor(id: string, node: PersistentNode, cache: PathCache, data: Buffer) {
    this.id = id
    this.#node = node
    this.#cache = cache
    this.#data = data
  }

  /** Joins the group. Resolves once the member is in it and knows the others. */
  static async join(
    zk: ZooKeeper,
    path: string,
    id: string,
    options: GroupMemberOptions & { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<GroupMember> {
    const { data = '', takeOver, signal } = options
    const node = await PersistentNode.start(zk, joinPath(path, id), { data, takeOver, signal })
    try {
      return new GroupMember(id, node, await PathCache.start(zk, path, { signal }), bytesOf(data))
    } catch (error) {
      await node.close()
      throw error
    }
  }

  /** All members as last seen, by id, in the order of the ids. Oneself is always among them. */
  members(): Map<string, Buffer> {
    const found = new Map(this.#cache.entries().map(([id, { data }]) => [id, data]))
    if (!found.has(this.id)) found.set(this.id, this.#data)
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** Whether the members are those of now, as far as one can know. */
  get isSynced(): boolean {
    return this.#cache.isSynced
  }

  /** The znode that stands for the member. */
  get node(): PersistentNode {
    return this.#node
  }

  /** The znodes of all members. */
  get cache(): PathCache {
    return this.#cache
  }

  /** Calls `listener` with each change of the group. @returns a function that ends it */
  onChange(listener: (change: CacheChange) => void): () => void {
    return this.#cache.onChange(listener)
  }

  async setData(data: DataInput, signal?: AbortSignal): Promise<void> {
    this.#data = bytesOf(data)
    await this.#node.setData(data, signal)
  }

  /** Leaves the group. */
  async close(): Promise<void> {
    await Promise.all([this.#cache.close(), this.#node.close()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function bytesOf(data: DataInput): Buffer {
  return Buffer.from(data ?? '')
}
