import { ApplyResult, applyTxn, type LoggedTxn } from '@vivarium/core'
import type { ServerConfig } from '../config/server-config.ts'
import type { ServerData } from '../serving/server-data.ts'
import type { ServerEnv } from '../serving/server-env.ts'
import { isDiskFull } from '../storage/index.ts'
import type { EpochFiles } from './epoch-files.ts'
import type { Role, RoleEnd } from './role.ts'

/** How long a member whose disk is full waits before it takes part in an election again. */
const FULL_DISK_PAUSE_MS = 1000

export interface AftermathOptions {
  readonly config: ServerConfig
  readonly env: ServerEnv
  readonly data: ServerData
  readonly epochs: EpochFiles
  /** Whether the server stops. */
  readonly closing: () => boolean
}

/** What a role leaves behind, which has to be settled before a member votes again: all of it is on the disk and in the tree then. */
export class Aftermath {
  readonly #options: AftermathOptions
  /** The disk was full when something had to be written down. */
  #lackedRoom = false

  constructor(options: AftermathOptions) {
    this.#options = options
  }

  lackedRoom(): void {
    this.#lackedRoom = true
  }

  /** @returns false if the log will never be settled @throws if the data cannot be read again */
  async settle(role: Role | null, { tail, reload }: RoleEnd): Promise<boolean> {
    const { epochs, data } = this.#options
    await role?.close()
    await epochs.settled()
    if (!(await data.settled())) return false
    if (reload) await this.#reload()
    else this.#apply(tail)
    await this.#waitForRoom()
    return true
  }

  /** So that not all observers come at once. */
  async waitAsObserver(): Promise<void> {
    const { config, env } = this.#options
    const ms = (env.random.uint32() / 2 ** 32) * config.observerElectionDelayMs
    await new Promise<void>((resolve) => env.clock.after(ms, resolve))
  }

  #apply(tail: readonly LoggedTxn[]): void {
    const { data } = this.#options
    if (tail.length > 0) data.beforeTail()
    const result = new ApplyResult()
    for (const { txn } of tail) {
      applyTxn(data.database, txn, result)
      data.applied()
    }
  }

  /** What was being cut back or replaced is read again: as soon as there is room, where that is what it takes. */
  async #reload(): Promise<void> {
    const { data, env, closing } = this.#options
    for (;;) {
      try {
        await data.reload()
        return
      } catch (error) {
        if (!isDiskFull(error) || closing()) throw error
        env.log.error('The data cannot be read again before there is room on the disk.', { error: String(error) })
        this.#lackedRoom = true
        await this.#waitForRoom()
      }
    }
  }

  /** Meanwhile the others may find a leader without this member, which says nothing. (Java votes again at once.) */
  async #waitForRoom(): Promise<void> {
    if (!this.#lackedRoom) return
    this.#lackedRoom = false
    await new Promise<void>((resolve) => this.#options.env.clock.after(FULL_DISK_PAUSE_MS, resolve))
  }
}
