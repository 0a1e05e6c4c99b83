/** Receives one line of `mntr`: its key, without the prefix `zk_`, and its value as text. */
export type Emit = (key: string, text: string) => void

/** A metric, as those see it who show and reset them. */
export interface Metric {
  /** Hands over its lines; none when there is nothing to show. */
  emit(name: string, emit: Emit): void
  /** Starts again from nothing (`srst`). */
  reset(): void
}
