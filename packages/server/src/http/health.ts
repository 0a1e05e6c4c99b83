import type { AdminView } from '../admin/view.ts'

/** Whether clients may be sent here, and why not. */
export interface Health {
  readonly ready: boolean
  readonly reason: string
}

/**
 * A server is ready while it answers requests and takes writes. (`/livez` asks less: that the process answers at all. A
 * member that looks for a leader lives, and starting it anew would help nobody.)
 */
export function healthOf({ serving, diskFull, mode }: Pick<AdminView, 'serving' | 'diskFull' | 'mode'>): Health {
  if (!serving) return { ready: false, reason: mode === 'looking' ? 'looking for a leader' : 'not serving' }
  if (mode === 'read-only') return { ready: false, reason: 'cut off from the other servers: read-only' }
  if (diskFull) return { ready: false, reason: 'the disk is full: reads are answered, writes are refused' }
  return { ready: true, reason: `serving (${mode})` }
}
