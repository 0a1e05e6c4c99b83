import { OpCode } from '@vivarium/protocol'
import type { History, SessionHistory } from '../workloads/history.ts'
import { SESSION_EXPIRED } from '../workloads/requests.ts'
import { localSessionsOf } from './local-sessions.ts'
import type { Checker } from './violation.ts'

/** Within so many ticks a follower tells its leader of whom it has heard, and the leader looks for who has not been. */
const ENSEMBLE_TICKS = 2

/** Within so many, one of two voters gives the other up and looks for a leader: `syncLimit`, and what that takes. */
const GIVING_UP_TICKS = 10

/** What a server needs beyond its timers: for the write, and until the timer that looks fires. */
const SLACK_MS = 500

/**
 * A session, and its ephemeral znodes with it, ends only if its client asks for that or is silent for its timeout; and
 * then it does, within a tick. After a restart every session has its full timeout again.
 */
export const ephemerals: Checker = {
  name: 'ephemerals live as long as their session',
  check: (history) => {
    const local = localSessionsOf(history)
    return history.sessions
      .filter(({ id }) => !local.has(id))
      .flatMap((session) => [...tooEarly(session, history), ...tooLate(session, history)])
  },
}

function name({ id, client }: SessionHistory): string {
  return `session 0x${id.toString(16)} of ${client}`
}

/** When a session ended, as far as anybody could see; null if it has not, or the end is one that was asked for. */
function endOf(session: SessionHistory, { incidents }: History): number | null {
  const ended = incidents.find(({ kind, sessionId }) => kind === 'session ended' && sessionId === session.id)?.ms
  return ended ?? null
}

function tooEarly(session: SessionHistory, history: History): string[] {
  if (session.closedMs !== null) return []
  const endMs = Math.min(
    endOf(session, history) ?? Number.POSITIVE_INFINITY,
    session.expiredMs ?? Number.POSITIVE_INFINITY,
  )
  if (endMs === Number.POSITIVE_INFINITY) return []
  // A client that stands still may hear of its session when that has ended already.
  let aliveMs = session.openedMs <= endMs ? session.openedMs - session.timeoutMs : Number.NEGATIVE_INFINITY
  const untilMs = endMs - reportMs(endMs, history)
  for (const { sessionId, invokedMs, answer } of history.operations) {
    // It was alive when it asked something and was answered: the server came to know later than that.
    if (sessionId === session.id && answer !== null && answer.ms <= untilMs && answer.result.err !== SESSION_EXPIRED) {
      aliveMs = Math.max(aliveMs, invokedMs)
    }
  }
  if (endMs >= aliveMs + session.timeoutMs) return []
  return [
    `${name(session)} ended at ${endMs.toFixed(1)} ms, though it was alive at ${aliveMs.toFixed(1)} and has ${session.timeoutMs} ms`,
  ]
}

function tooLate(session: SessionHistory, history: History): string[] {
  const endedMs = endOf(session, history)
  const inLog = history.transactions.some(
    ({ type, clientId }) => type === OpCode.closeSession && clientId === session.id,
  )
  // It ended in a log that was read at a restart: when, nobody has seen.
  if (endedMs === null && inLog) return []
  const endMs = endedMs ?? history.endMs
  const heard = [session.openedMs, ...session.heardMs.filter((ms) => ms <= endMs), endMs]
  for (let index = 1; index < heard.length; index++) {
    const fromMs = heard[index - 1] as number
    const toMs = heard[index] as number
    if (toMs <= dueMs(fromMs, toMs, session, history)) continue
    const silence = `though nothing was heard of it since ${fromMs.toFixed(1)} and it has ${session.timeoutMs} ms`
    return [`${name(session)} ${endedMs === toMs ? 'ended' : 'was there'} at ${toMs.toFixed(1)} ms, ${silence}`]
  }
  return []
}

/** By when a request must have come, to be known to who ends sessions at `endMs`. */
function reportMs(endMs: number, { ensemble, tickMs, disturbances, incidents }: History): number {
  if (!ensemble) return 0
  let ms = tickMs + SLACK_MS
  // While servers do not reach each other nobody is told anything, and who is connected need not notice at once.
  for (const { fromMs, toMs } of disturbances) if (fromMs < endMs && toMs > endMs - 20 * tickMs) ms += toMs - fromMs
  for (const { kind, ms: atMs } of incidents)
    if (kind === 'crashed' && atMs < endMs && atMs > endMs - 20 * tickMs) ms += 10 * tickMs
  return ms
}

/** When a session must have ended of which nothing was heard from `fromMs` to `toMs`. */
function dueMs(fromMs: number, toMs: number, session: SessionHistory, history: History): number {
  const { disturbances, tickMs, ensemble, pair } = history
  // That takes as long as a connection may be silent, and the end of a session is written, too.
  const givingUpMs = pair ? GIVING_UP_TICKS * tickMs : 0
  const sinceMs = ensemble ? ledSinceMs(fromMs, toMs, history) : startedMs(fromMs, toMs, history)
  let due = sinceMs + session.timeoutMs + (ensemble ? ENSEMBLE_TICKS : 1) * tickMs + SLACK_MS
  for (const disturbance of disturbances) {
    const overlapMs = Math.min(disturbance.toMs + givingUpMs, toMs) - Math.max(disturbance.fromMs, sinceMs)
    if (overlapMs > 0) due += overlapMs + SLACK_MS
  }
  for (const { kind, ms } of history.incidents)
    if (pair && kind === 'crashed' && ms > sinceMs && ms < toMs) due += givingUpMs
  return due
}

/** Every start gives a session its full time, and while the server is down nobody ends it. */
function startedMs(fromMs: number, toMs: number, { incidents }: History): number {
  let sinceMs = fromMs
  for (const { kind, ms } of incidents) {
    if ((kind === 'serving' || kind === 'starting') && ms <= toMs) sinceMs = Math.max(sinceMs, ms)
    if ((kind === 'crashed' || kind === 'stopped') && ms <= toMs && ms > fromMs) sinceMs = Math.max(sinceMs, ms)
  }
  return sinceMs
}

/** As {@link startedMs}, for an ensemble, where it is who leads that ends sessions: never, if nobody does. */
function ledSinceMs(fromMs: number, toMs: number, { incidents }: History): number {
  let sinceMs = fromMs
  let leader: number | null = null
  for (const { kind, ms, server } of incidents) {
    if (ms > toMs) break
    if (kind === 'serving') {
      leader = server
      sinceMs = Math.max(sinceMs, ms)
    } else if (server === leader && (kind === 'crashed' || kind === 'stopped' || kind === 'idle')) leader = null
  }
  return leader === null ? Number.POSITIVE_INFINITY : sinceMs
}
