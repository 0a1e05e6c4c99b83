import type { Disk } from '@vivarium/env'
import { ownerKind, ttlOf } from '@vivarium/protocol'
import { type SnapshotFile, type SnapshotNode, SnapshotScanner } from '@vivarium/server/storage'
import { CliError } from '../failure.ts'
import type { Entry, TreeSource } from './entry.ts'

/** What a snapshot has; its end tells whether it was whole. */
export class SnapshotTree implements TreeSource {
  ephemerals = 0
  readonly knowsModes = true
  readonly #disk: Disk
  readonly #file: SnapshotFile
  readonly #withReserved: boolean

  /** @param withReserved whether what is below `/zookeeper`, the servers' own, counts */
  constructor(disk: Disk, file: SnapshotFile, withReserved = false) {
    this.#disk = disk
    this.#file = file
    this.#withReserved = withReserved
  }

  async size(): Promise<null> {
    return null
  }

  /** @throws {CliError} if it is damaged; what came before may be wrong */
  async *batches(signal: AbortSignal): AsyncGenerator<readonly Entry[], void, undefined> {
    const scanner = new SnapshotScanner(this.#disk, this.#file)
    for await (const batch of scanner.batches()) {
      signal.throwIfAborted()
      const entries = batch.flatMap((node) => this.#entry(node) ?? [])
      if (entries.length > 0) yield entries
    }
    if (scanner.damage !== null) throw new CliError(`${this.#file.path} is damaged: ${scanner.damage}`)
  }

  #entry({ path, data, acl, stat }: SnapshotNode): Entry | null {
    if (!this.#withReserved && (path === '/zookeeper' || path.startsWith('/zookeeper/'))) return null
    const kind = ownerKind(stat.ephemeralOwner, { extendedTypes: true, emulate353: false })
    if (kind === 'EPHEMERAL' || kind === 'INVALID') {
      this.ephemerals++
      return null
    }
    const isTtl = kind === 'TTL'
    return {
      path: path === '/' ? '' : path,
      data,
      acl,
      mode: isTtl ? 'PERSISTENT_WITH_TTL' : kind === 'CONTAINER' ? 'CONTAINER' : 'PERSISTENT',
      ttlMs: isTtl ? ttlOf(stat.ephemeralOwner) : null,
      version: stat.version,
    }
  }
}
