import { KeeperError, type ZooKeeper } from '@vivarium/client'
import { CliError } from '../failure.ts'
import type { Entry, TreeSource } from './entry.ts'

/** What becomes of a znode that is there already. */
export type Existing = 'refuse' | 'overwrite' | 'keep'

export interface WriteOptions {
  readonly existing: Existing
  readonly signal: AbortSignal
  /** Is told of what was written. */
  readonly progress: { add(znodes: number, bytes: number): void }
}

/** What was written, also when it was not all. */
export class Written {
  created = 0
  overwritten = 0
  kept = 0
  bytes = 0

  get znodes(): number {
    return this.created + this.overwritten + this.kept
  }

  toString(): string {
    const parts = [`${this.created} created`]
    if (this.overwritten > 0) parts.push(`${this.overwritten} overwritten`)
    if (this.kept > 0) parts.push(`${this.kept} kept as they were`)
    return `${parts.join(', ')}; ${this.bytes} bytes`
  }
}

/**
 * Writes a tree below `root`. It is not there at once: others see it grow, and what fails or is interrupted leaves a part of
 * it, which the same with `existing: 'keep'` completes. The root goes first, alone: if it is refused, nothing happens.
 *
 * @param written counts what is done, for whoever has to tell of a part
 * @throws {KeeperError}
 * @throws {CliError} for a znode that is there, if such are refused
 */
export async function writeTree(
  zk: ZooKeeper,
  root: string,
  source: TreeSource,
  written: Written,
  options: WriteOptions,
): Promise<void> {
  let isFirst = true
  for await (const batch of source.batches(options.signal)) {
    const entries = isFirst ? batch.slice(1) : batch
    if (isFirst) await put(zk, root, batch[0] as Entry, written, options)
    isFirst = false
    // A session's requests are carried out in their order, so that parents are there before their children.
    const outcomes = await Promise.allSettled(entries.map((entry) => put(zk, root, entry, written, options)))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    options.progress.add(
      batch.length,
      batch.reduce((sum, { data }) => sum + (data?.length ?? 0), 0),
    )
  }
}

async function put(
  zk: ZooKeeper,
  root: string,
  entry: Entry,
  written: Written,
  { existing, signal }: WriteOptions,
): Promise<void> {
  const path = root === '/' ? entry.path || '/' : root + entry.path
  const { data, acl, mode, ttlMs } = entry
  try {
    await zk.create(path, { data, acl, mode, ttlMs: ttlMs ?? undefined, signal })
    written.created++
    written.bytes += data?.length ?? 0
  } catch (error) {
    if (!KeeperError.is(error, 'NODEEXISTS')) throw error
    if (existing === 'keep' || path === '/') written.kept++
    else if (existing === 'refuse') throw new CliError(`Node already exists: ${path} (-f overwrites, -k keeps)`)
    else {
      await zk.setData(path, data, { signal })
      await zk.setACL(path, acl, { signal })
      written.overwritten++
      written.bytes += data?.length ?? 0
    }
  }
}
