import { LocalSessions, type Pipeline } from '@vivarium/core'
import type { ServerConfig } from '../config/server-config.ts'
import { ExpiryTimer } from '../serving/expiry-timer.ts'
import type { ServerEnv } from '../serving/server-env.ts'

/** Lends a member's own sessions to the pipeline of each role, one after the other, and ends those that are silent. */
export class LocalSessionKeeper {
  readonly #sessions: LocalSessions
  readonly #env: ServerEnv
  readonly #turnEnded: () => void
  #timer: ExpiryTimer | null = null

  /** @param turnEnded called when sessions have been ended, at the end of that turn */
  constructor(serverId: number, config: ServerConfig, env: ServerEnv, turnEnded: () => void) {
    const { clock, random } = env
    this.#env = env
    this.#turnEnded = turnEnded
    this.#sessions = new LocalSessions({
      serverId,
      tickMs: config.tickTimeMs,
      minTimeoutMs: config.minSessionTimeoutMs,
      maxTimeoutMs: config.maxSessionTimeoutMs,
      nowMs: clock.monotonicMs(),
      idTimeMs: clock.wallMs(),
      idOffset: random.uint32() >>> 16,
      upgrading: config.localSessionsUpgradingEnabled,
    })
  }

  lend(pipeline: Pipeline): void {
    const { clock } = this.#env
    const sessions = this.#sessions
    sessions.restart(pipeline.database.sessions, clock.monotonicMs())
    pipeline.locals = sessions
    this.#timer = new ExpiryTimer(
      clock,
      (nowMs) => sessions.waitMs(nowMs),
      () => {
        pipeline.expireLocals(clock.monotonicMs())
        this.#turnEnded()
      },
    )
  }

  takeBack(): void {
    this.#timer?.stop()
  }
}
