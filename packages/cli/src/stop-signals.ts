import { ExitCode } from './exit-code.ts'

export type StopSignal = 'SIGINT' | 'SIGTERM'

/** What is used of the process. */
export interface SignalledProcess {
  on(signal: StopSignal, listener: () => void): unknown
  exit(code: number): void
}

/**
 * Asks for an orderly end at the first SIGINT or SIGTERM, and ends the process at the second: whoever signals twice
 * does not want to wait.
 */
export function onStopSignal(stop: (signal: StopSignal) => void, target: SignalledProcess = process): void {
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    target.on(signal, () => {
      if (stopping) target.exit(ExitCode.FORCED[signal])
      else stop(signal)
      stopping = true
    })
  }
}
