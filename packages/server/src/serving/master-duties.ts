import { type Processor, type SweepCandidate, sweepCandidates } from '@vivarium/core'
import type { Clock, Log, Timer } from '@vivarium/env'
import type { Metrics } from '../admin/metrics.ts'
import type { ServerConfig } from '../config/server-config.ts'
import { ExpiryTimer } from './expiry-timer.ts'

/** How often due deletions of containers are handed on, so that they do not all come at once. */
const SWEEP_STEP_MS = 100

export interface MasterDutiesOptions {
  readonly config: ServerConfig
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly processor: Processor
  /** Called when something has been done, at the end of its turn. */
  readonly turnEnded: () => void
}

/**
 * What one server does from time to time for all: ends sessions that are silent, and deletes containers and TTL znodes
 * whose time has come (SessionTrackerImpl, ContainerManager).
 */
export class MasterDuties {
  readonly #options: MasterDutiesOptions
  readonly #timers: Timer[]
  readonly #expiry: ExpiryTimer
  #sweepQueue: SweepCandidate[] = []

  constructor(options: MasterDutiesOptions) {
    this.#options = options
    const { clock, config, processor } = options
    this.#timers = [
      clock.every(config.containerCheckIntervalMs, () => this.#findContainers()),
      clock.every(SWEEP_STEP_MS, () => this.#sweepContainers()),
    ]
    this.#expiry = new ExpiryTimer(
      clock,
      (nowMs) => processor.sessions.waitMs(nowMs),
      () => this.#expire(),
    )
  }

  stop(): void {
    this.#expiry.stop()
    for (const timer of this.#timers) timer.cancel()
  }

  #expire(): void {
    const { clock, processor, log, metrics, turnEnded } = this.#options
    const nowMs = clock.monotonicMs()
    for (const session of processor.sessions.expire(nowMs)) {
      log.info('Session expired.', { session: session.id, timeoutMs: session.timeoutMs })
      metrics.stale_sessions_expired.add(1)
      processor.closeSession(session, nowMs)
    }
    turnEnded()
  }

  #findContainers(): void {
    const { clock, config, processor } = this.#options
    const maxNeverUsedMs = config.containerMaxNeverUsedIntervalMs
    this.#sweepQueue = sweepCandidates(processor.database.tree, clock.wallMs(), maxNeverUsedMs)
  }

  /** At most `znode.container.maxPerMinute` deletions, spread over the minute. */
  #sweepContainers(): void {
    if (this.#sweepQueue.length === 0) return
    const { clock, config, processor, turnEnded } = this.#options
    const nowMs = clock.monotonicMs()
    const share = Math.max(1, Math.ceil((config.containerMaxPerMinute * SWEEP_STEP_MS) / 60_000))
    for (const candidate of this.#sweepQueue.splice(0, share)) processor.deleteContainer(candidate, nowMs)
    turnEnded()
  }
}
