import { setTimeout as delay } from 'node:timers/promises'

/** How long an election, a synchronization or a reconnection may take before it counts as one that never ends. */
const PATIENCE_MS = 60_000
const POLL_MS = 20

/** Asks again and again until there is an answer. */
export async function eventually<T>(what: string, ask: () => Promise<T | null>): Promise<T> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const answer = await ask()
    if (answer !== null) return answer
    if (performance.now() > until) throw new Error(`waited ${PATIENCE_MS} ms in vain until ${what}`)
    await delay(POLL_MS)
  }
}
