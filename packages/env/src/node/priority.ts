import { getPriority, setPriority } from 'node:os'

/** As `nice -n 10`: about a tenth of the share that the rest of the process gets of a processor that both want. */
const BACKGROUND = 10

/**
 * Lets the thread that calls this have what processor time the others leave, for good. Only on Linux, where threads
 * have priorities of their own: elsewhere it would be the whole process.
 */
export function lowerThreadPriority(): void {
  if (process.platform !== 'linux') return
  try {
    if (getPriority() < BACKGROUND) setPriority(BACKGROUND)
  } catch {
    // Not allowed here, as a sandbox may have it: it is a courtesy, and no condition.
  }
}
