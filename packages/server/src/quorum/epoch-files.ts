import { join } from 'node:path'
import type { Disk } from '@vivarium/env'
import { DataDirectoryError } from '../storage/index.ts'
import { replaceFile } from '../storage/replace-file.ts'

/** Longer than any number; what is beyond is not read. */
const LONGEST_BYTES = 64

/**
 * The two epochs that a member must not forget (`acceptedEpoch`, `currentEpoch` beside the snapshots; QuorumPeer): the
 * last one that it agreed to, and the last one whose leader's history it took over.
 */
export class EpochFiles {
  readonly #disk: Disk
  readonly #directory: string
  accepted = 0
  current = 0
  /** The write that was asked for last: the next one waits for it. */
  #last: Promise<void> = Promise.resolve()

  /** @param directory of the snapshots */
  constructor(disk: Disk, directory: string) {
    this.#disk = disk
    this.#directory = directory
  }

  /**
   * Reads both. Of a server that has none yet, which stood alone until now, they are that of its last transaction.
   *
   * @param lastEpoch of the last transaction
   * @throws {DataDirectoryError} if one of them cannot be understood, or is older than what it follows from
   */
  async load(lastEpoch: number): Promise<void> {
    const current = await this.#read('currentEpoch')
    const accepted = await this.#read('acceptedEpoch')
    // The epoch that is accepted goes first: at no moment may there be a current one beyond it.
    if (accepted === null) await this.persistAccepted(Math.max(current ?? 0, lastEpoch, 0))
    else this.accepted = accepted
    if (current === null) await this.persistCurrent(Math.min(Math.max(lastEpoch, 0), this.accepted))
    else this.current = current
    if (this.accepted >= this.current) return
    throw new DataDirectoryError(
      `acceptedEpoch (${this.accepted}) in ${this.#directory} is older than currentEpoch (${this.current}): one of them ` +
        'was restored from somewhere else. Move the version-2 directories away and start this member: it copies the data ' +
        'from the others.',
    )
  }

  persistAccepted(epoch: number): Promise<void> {
    return this.#inTurn(async () => {
      await replaceFile(this.#disk, join(this.#directory, 'acceptedEpoch'), String(epoch))
      this.accepted = epoch
    })
  }

  persistCurrent(epoch: number): Promise<void> {
    return this.#inTurn(async () => {
      await replaceFile(this.#disk, join(this.#directory, 'currentEpoch'), String(epoch))
      this.current = epoch
    })
  }

  /** Waits until nothing is being written: a role that has ended may have asked for it. */
  settled(): Promise<void> {
    return this.#last
  }

  #inTurn(write: () => Promise<void>): Promise<void> {
    const written = this.#last.then(write)
    this.#last = written.catch(() => {})
    return written
  }

  async #read(name: string): Promise<number | null> {
    const path = join(this.#directory, name)
    if ((await this.#disk.stat(path)) === null) return null
    const file = await this.#disk.open(path, 'read')
    try {
      const text = Buffer.from(await file.read(0, LONGEST_BYTES))
        .toString('latin1')
        .trim()
      if (!/^\d{1,10}$/.test(text)) throw new DataDirectoryError(`${path} must have a number in its first line`)
      return Number(text)
    } finally {
      await file.close()
    }
  }
}
