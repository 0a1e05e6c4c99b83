import type { Session } from './types.ts'

/**
 * When a session expires, in milliseconds since 1970: as the server that decides it says, else nearly, from when its client
 * was answered last. Null where neither is known.
 */
export function expiryOf({ expiresAt, timeoutMs, connection }: Session): number | null {
  if (expiresAt !== null || connection === null || timeoutMs <= 0) return expiresAt
  return Math.max(connection.answeredAt, connection.establishedAt) + timeoutMs
}

/** Those that expire next come first, those of which nothing is known last. */
export const bySoonest = (sessions: readonly Session[]): Session[] =>
  sessions.toSorted((a, b) => (expiryOf(a) ?? Number.MAX_VALUE) - (expiryOf(b) ?? Number.MAX_VALUE))
