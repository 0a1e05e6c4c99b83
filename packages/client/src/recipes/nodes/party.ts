import { joinPath, KeeperError } from '@vivarium/protocol'
import { uuid } from '../../random.ts'
import type { ZooKeeper } from '../../zookeeper.ts'
import { PersistentNode } from './persistent-node.ts'

/** What kazoo's Party has in the names of its znodes. */
const MARK = '__party__'

export interface PartyOptions {
  /** What the members see of this one. Default: empty. */
  readonly identifier?: string | undefined
  /**
   * `party`: `<32 hex digits>__party__` with the identifier as data. `shallow`: `<32 hex digits>-<identifier>`, which costs
   * one request to list, however many there are. Default: party.
   */
  readonly layout?: 'party' | 'shallow' | undefined
}

/**
 * Who is there, in the layouts of kazoo's Party and ShallowParty.
 *
 * @example
 * const party = new Party(zk, '/party', { identifier: 'host-7' })
 * await party.join()
 * console.log(await party.members()) // [ 'host-7', … ]
 */
export class Party implements AsyncDisposable {
  readonly path: string
  readonly identifier: string
  readonly #zk: ZooKeeper
  readonly #isShallow: boolean
  readonly #name: string
  #node: PersistentNode | null = null

  constructor(zk: ZooKeeper, path: string, { identifier = '', layout = 'party' }: PartyOptions = {}) {
    this.path = path
    this.identifier = identifier
    this.#zk = zk
    this.#isShallow = layout === 'shallow'
    const hex = uuid(zk.env.random).replaceAll('-', '')
    this.#name = this.#isShallow ? `${hex}-${identifier}` : hex + MARK
  }

  /** Joins, and stays through new sessions. Safe to call twice. */
  async join(signal?: AbortSignal): Promise<void> {
    this.#node ??= new PersistentNode(this.#zk, joinPath(this.path, this.#name), { data: this.identifier })
    await this.#node.present(signal)
  }

  async leave(): Promise<void> {
    const node = this.#node
    this.#node = null
    await node?.close()
  }

  /** The identifiers of those who are there, in no particular order; each as often as it is there. */
  async members(signal?: AbortSignal): Promise<string[]> {
    const names = await this.#names(signal)
    if (this.#isShallow) return names.map((name) => name.slice(name.indexOf('-') + 1))
    const found = await Promise.all(names.map((name) => this.#identifierOf(name, signal)))
    return found.filter((identifier) => identifier !== null)
  }

  /** How many are there. */
  async size(signal?: AbortSignal): Promise<number> {
    return (await this.#names(signal)).length
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave()
  }

  async #names(signal: AbortSignal | undefined): Promise<string[]> {
    try {
      const names = await this.#zk.getChildren(this.path, { signal })
      return this.#isShallow ? names : names.filter((name) => name.includes(MARK))
    } catch (error) {
      if (KeeperError.is(error, 'NONODE')) return []
      throw error
    }
  }

  async #identifierOf(name: string, signal: AbortSignal | undefined): Promise<string | null> {
    try {
      return (await this.#zk.getData(joinPath(this.path, name), { signal })).data.toString()
    } catch (error) {
      if (KeeperError.is(error, 'NONODE')) return null // It has left meanwhile.
      throw error
    }
  }
}
