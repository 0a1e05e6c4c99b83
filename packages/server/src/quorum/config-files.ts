import { dirname, resolve } from 'node:path'
import type { QuorumConfig } from '@vivarium/core'
import type { Disk, Log } from '@vivarium/env'
import { pointToDynamicFile } from '../config/static-config.ts'
import { replaceFile } from '../storage/replace-file.ts'

/** No zoo.cfg is longer. */
const LONGEST_BYTES = 1 << 24

/**
 * The files that name the members of an ensemble: zoo.cfg, and beside it `zoo.cfg.dynamic.<version>` with the
 * configuration in force, and `zoo.cfg.dynamic.next` with one that is proposed (QuorumPeerConfig).
 *
 * They are written in turn and behind the server's back. Nothing hangs on when that is done: a configuration that was
 * proposed, and acknowledged, is in the log as well.
 */
export class ConfigFiles {
  readonly #disk: Disk
  readonly #log: Log
  readonly #path: string
  #last: Promise<void> = Promise.resolve()
  /** Writes the configuration in force; kept until that has worked, and done before anything else is written. */
  #owed: (() => Promise<void>) | null = null

  /** @param path of zoo.cfg */
  constructor(disk: Disk, log: Log, path: string) {
    this.#disk = disk
    this.#log = log
    this.#path = path
  }

  /** Keeps a copy of zoo.cfg, from which the members are about to be moved. @throws {DiskError} */
  async backUp(): Promise<void> {
    const text = await this.#read(this.#path)
    const copy = `${this.#path}.bak`
    if ((await this.#disk.stat(copy)) !== null && (await this.#read(copy)) === text) return
    await replaceFile(this.#disk, copy, text, this.#path)
  }

  /** Another configuration is proposed. */
  proposed(config: QuorumConfig): void {
    this.#inTurn(() => replaceFile(this.#disk, this.#nextPath, fileText(config, true)))
  }

  /** What was proposed will never be in force. */
  withdrawn(): void {
    this.#inTurn(() => this.#removeNext())
  }

  /**
   * A configuration is in force.
   *
   * @param namesClientPort whether it says where this server's clients connect
   * @param isLatest whether no later one is proposed
   */
  activated(config: QuorumConfig, namesClientPort: boolean, isLatest: boolean): void {
    this.#owed = async () => {
      const dynamic = `${this.#path}.dynamic.${config.version.toString(16)}`
      await replaceFile(this.#disk, dynamic, fileText(config, false))
      await replaceFile(
        this.#disk,
        this.#path,
        pointToDynamicFile(await this.#read(this.#path), resolve(dynamic), namesClientPort),
      )
    }
    this.#inTurn(async () => {
      if (isLatest) await this.#removeNext()
    })
  }

  /** Waits until all is written. */
  settled(): Promise<void> {
    return this.#last
  }

  get #nextPath(): string {
    return `${this.#path}.dynamic.next`
  }

  async #removeNext(): Promise<void> {
    if ((await this.#disk.stat(this.#nextPath)) === null) return
    await this.#disk.remove(this.#nextPath)
    await this.#disk.syncDirectory(dirname(this.#path))
  }

  #inTurn(write: () => Promise<void>): void {
    const all = async (): Promise<void> => {
      const owed = this.#owed
      await owed?.()
      // Another one may have come into force meanwhile.
      if (this.#owed === owed) this.#owed = null
      await write()
    }
    this.#last = this.#last.then(all).catch((error: unknown) => {
      const message = `The members of the ensemble cannot be written down beside ${this.#path}: after a restart this server would know the old ones.`
      this.#log.error(message, { error })
    })
  }

  async #read(path: string): Promise<string> {
    const file = await this.#disk.open(path, 'read')
    try {
      return Buffer.from(await file.read(0, LONGEST_BYTES)).toString()
    } finally {
      await file.close()
    }
  }
}

/** Sorted as Java sorts, and without a line end at the end (QuorumPeerConfig.writeDynamicConfig). */
function fileText(config: QuorumConfig, withVersion: boolean): string {
  const lines = config.lines().sort()
  return [...lines, ...(withVersion ? [`version=${config.version.toString(16)}`] : [])].join('\n')
}
