import { setTimeout as delay } from 'node:timers/promises'
import type { ServerKind } from '../server-process.ts'
import type { Member } from './ensemble.ts'

/** What is done to a member again and again, until it is to end. */
export type Disturbance = (member: Member, kind: ServerKind) => Promise<void>

const SLOW_MS = { stopped: 90, running: 10 }
const FLAPPING_MS = { down: 1000, up: 2000 }

export const DISTURBANCES = {
  /** It has a tenth of the time. */
  slow: async ({ process }) => {
    process?.signal('SIGSTOP')
    await delay(SLOW_MS.stopped)
    process?.signal('SIGCONT')
    await delay(SLOW_MS.running)
  },
  /** It is killed, and started again, and killed. */
  flapping: async (member, kind) => {
    await member.kill()
    await delay(FLAPPING_MS.down)
    await member.start(kind)
    await delay(FLAPPING_MS.up)
  },
} as const satisfies Record<string, Disturbance>

/** Disturbs a member while `body` runs. */
export async function disturbed<T>(
  disturbance: Disturbance,
  member: Member,
  kind: ServerKind,
  body: () => Promise<T>,
): Promise<T> {
  let over = false
  const disturbing = (async () => {
    while (!over) await disturbance(member, kind)
  })()
  try {
    return await body()
  } finally {
    over = true
    await disturbing
  }
}
