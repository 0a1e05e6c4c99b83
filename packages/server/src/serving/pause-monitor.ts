import type { Clock, Log, Timer } from '@vivarium/env'
import type { Metrics } from '../admin/metrics.ts'
import type { ServerConfig } from '../config/server-config.ts'

/**
 * Looks every so often whether the process was held up: by itself, by the system, or with its machine (JvmPauseMonitor,
 * `jvm.pause.monitor`).
 */
export class PauseMonitor {
  readonly #timer: Timer

  constructor(config: ServerConfig, clock: Clock, log: Log, metrics: Metrics) {
    const { pauseMonitorSleepMs: sleepMs, pauseMonitorWarnMs: warnMs, pauseMonitorInfoMs: infoMs } = config
    let lastMs = clock.monotonicMs()
    this.#timer = clock.every(sleepMs, () => {
      const nowMs = clock.monotonicMs()
      const pauseMs = Math.floor(nowMs - lastMs - sleepMs)
      lastMs = nowMs
      if (pauseMs < 0) return
      metrics.jvm_pause_time_ms.observe(pauseMs)
      if (pauseMs > warnMs) log.warn(`Nothing was done for ${pauseMs} ms: the process or its machine was held up.`)
      else if (pauseMs > infoMs) log.info(`Nothing was done for ${pauseMs} ms.`)
    })
  }

  stop(): void {
    this.#timer.cancel()
  }
}
