import { type Database, LearnerSessions, ReadOnly } from '@vivarium/core'
import type { Timer } from '@vivarium/env'
import type { ServerConfig } from '../config/server-config.ts'
import type { ClientFront } from '../serving/client-front.ts'
import type { ServerEnv } from '../serving/server-env.ts'
import { LocalSessionKeeper } from './local-session-keeper.ts'

/** An election is not a partition: clients get so much time at least to find a server that takes writes. */
const LEAST_GRACE_MS = 2000

export interface ReadOnlyPeriodOptions {
  readonly serverId: number
  readonly config: ServerConfig
  readonly env: ServerEnv
  readonly front: ClientFront
  /** The member's own sessions; null: those that begin here end with this period. */
  readonly locals: LocalSessionKeeper | null
  readonly database: () => Database
}

/**
 * What clients get from a member while it looks for a leader: nothing at first, and then, if it still does, answers to
 * reads, provided that they have asked for such a server (`readonlymode.enabled`).
 *
 * Inherited from the way QuorumPeer.run starts a ReadOnlyZooKeeperServer.
 */
export class ReadOnlyPeriod {
  /** Null until it serves. */
  pipeline: ReadOnly | null = null
  readonly #options: ReadOnlyPeriodOptions
  readonly #locals: LocalSessionKeeper
  readonly #grace: Timer

  constructor(options: ReadOnlyPeriodOptions) {
    this.#options = options
    const { serverId, config, env, front } = options
    this.#locals = options.locals ?? new LocalSessionKeeper(serverId, config, env, () => front.clients.endTurn())
    this.#grace = env.clock.after(Math.max(LEAST_GRACE_MS, config.tickTimeMs), () => this.#serve())
  }

  /** A leader is found, or the server stops. */
  end(): void {
    this.#grace.cancel()
    if (this.pipeline === null) return
    this.pipeline = null
    this.#locals.takeBack()
    this.#options.front.clients.stopServing('the server is not cut off any more')
  }

  #serve(): void {
    const { serverId, config, env, front, database } = this.#options
    const sessions = new LearnerSessions({
      ids: { serverId, timeMs: env.clock.wallMs() },
      minTimeoutMs: config.minSessionTimeoutMs,
      maxTimeoutMs: config.maxSessionTimeoutMs,
      global: database().sessions,
    })
    const pipeline = new ReadOnly(database(), sessions)
    pipeline.onSessionEnded = (session) => front.clients.sessionEnded(session)
    this.#locals.lend(pipeline)
    this.pipeline = pipeline
    env.log.info('Serving those who only read, until a leader is found.')
    front.clients.serve(pipeline)
  }
}
