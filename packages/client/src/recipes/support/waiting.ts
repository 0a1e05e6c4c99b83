import { ClosedError } from '../../errors.ts'
import type { CallOptions } from '../../requests/request.ts'
import type { Session } from '../../session/session.ts'
import type { WaitOptions, ZooKeeper } from '../../zookeeper.ts'
import { OwnershipLostError, WaitTimeoutError } from './errors.ts'

/**
 * Does what takes its time with a signal that aborts when the caller's does, or `timeoutMs` from now.
 *
 * @param path what is waited for, for the error
 */
export async function within<T>(
  zk: ZooKeeper,
  path: string,
  { signal, timeoutMs }: WaitOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const end = new AbortController()
  const abort = (): void => end.abort(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  const timer =
    timeoutMs === undefined
      ? null
      : zk.env.clock.after(timeoutMs, () => end.abort(new WaitTimeoutError(path, timeoutMs)))
  try {
    return await work(end.signal)
  } finally {
    timer?.cancel()
    signal?.removeEventListener('abort', abort)
  }
}

/** Requests of recipes last as long as the recipe does: its own signal ends them, not the client's request timeout. */
export function patient(session: Session | undefined, signal?: AbortSignal): CallOptions {
  return { session, signal, timeoutMs: Number.POSITIVE_INFINITY }
}

/** The session, as soon as a server that can write has it. */
export function connectedSession(zk: ZooKeeper, signal: AbortSignal | undefined): Promise<Session> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      unsubscribe()
      signal?.removeEventListener('abort', look)
    }
    const look = (): void => {
      const { state, session } = zk
      if (signal?.aborted) reject(signal.reason)
      else if (state === 'closed') reject(new ClosedError())
      else if (state === 'connected' && session !== null) resolve(session)
      else return
      done()
    }
    const unsubscribe = zk.onState(look)
    signal?.addEventListener('abort', look, { once: true })
    look()
  })
}

/**
 * Does what belongs to a session, and does it anew in the next one if the session is lost on the way, or if someone has
 * deleted the znode that it rests on.
 */
export async function acrossSessions<T>(
  zk: ZooKeeper,
  signal: AbortSignal,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  for (;;) {
    const session = await connectedSession(zk, signal)
    try {
      return await work(session)
    } catch (error) {
      const isLost = !session.isLive || error instanceof OwnershipLostError
      if (!isLost || signal.aborted || error instanceof ClosedError) throw error
    }
  }
}
