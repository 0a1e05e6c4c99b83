import type { ChangeRecord } from './change-record.ts'

const FIRST_BUCKETS = 1024

/**
 * The znodes' records by path. A Map would do, but for garbage collection: see {@link Roster}. Here it was three quarters of
 * what outlived a busy server's collections.
 *
 * Each record has the hash of its path, keyed against collisions as the tree's own are (`DataTree.hashOf`).
 */
export class ChangeTable {
  #buckets: (ChangeRecord | null)[] = new Array<ChangeRecord | null>(FIRST_BUCKETS).fill(null)
  #size = 0

  /** @param hash of the path */
  get(path: string, hash: number): ChangeRecord | undefined {
    let record = this.#buckets[hash & (this.#buckets.length - 1)] as ChangeRecord | null
    while (record !== null) {
      if (record.hash === hash && record.path === path) return record
      record = record.next
    }
    return undefined
  }

  /** Adds a record whose path has none. */
  add(record: ChangeRecord): void {
    if (this.#size === this.#buckets.length) this.#grow()
    this.#size++
    this.#put(record)
  }

  /** Removes a record that is there. */
  remove(record: ChangeRecord): void {
    const at = record.hash & (this.#buckets.length - 1)
    const first = this.#buckets[at]!
    if (first === record) this.#buckets[at] = record.next
    else {
      let before = first as ChangeRecord
      while (before.next !== record) before = before.next as ChangeRecord
      before.next = record.next
    }
    record.next = null
    this.#size--
  }

  #put(record: ChangeRecord): void {
    const at = record.hash & (this.#buckets.length - 1)
    record.next = this.#buckets[at]!
    this.#buckets[at] = record
  }

  #grow(): void {
    const before = this.#buckets
    this.#buckets = new Array<ChangeRecord | null>(before.length * 2).fill(null)
    for (let record of before) {
      while (record !== null) {
        const { next }: ChangeRecord = record
        this.#put(record)
        record = next
      }
    }
  }
}
