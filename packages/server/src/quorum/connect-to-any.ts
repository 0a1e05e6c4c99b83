import type { Clock, Network, Socket, SocketHandler, Timer } from '@vivarium/env'

export interface Address {
  /** A name or an address. Names are looked up each time: what they stand for changes (ZOOKEEPER-2982). */
  readonly host: string
  readonly port: number
}

/** How long an address has before the next one is tried beside it, or one that has failed once more, in milliseconds. */
const HEAD_START_MS = 250

/**
 * Connects to whichever of a server's addresses answers first. They are tried in their order, the next one as soon as one
 * has failed or is slow, so that a network that is gone costs a moment. (Java pings all of them first.)
 *
 * As long as one of them gives no answer at all, the others are tried again and again: the server may have been about to
 * listen, and would be found only when the silent one is given up.
 *
 * @param timeoutMs for each attempt
 * @param handler of the connection that comes of it; the other side must not speak before it is spoken to
 * @throws what went wrong with the last of them
 */
export function connectToAny(
  { clock, network }: { readonly clock: Clock; readonly network: Network },
  addresses: readonly Address[],
  timeoutMs: number,
  handler: SocketHandler,
): Promise<Socket> {
  const [only, ...more] = addresses
  if (only === undefined) return Promise.reject(new Error('no address'))
  if (more.length === 0) return network.connect({ ...only, timeoutMs }, handler)
  return new Promise((resolve, reject) => {
    const untried = new Set(addresses)
    const unanswered = new Set(addresses)
    const failed: Address[] = []
    let over = false
    let headStart: Timer | null = null
    const finish = (): void => {
      over = true
      headStart?.cancel()
    }
    const next = (): void => {
      headStart?.cancel()
      headStart = clock.after(HEAD_START_MS, next)
      const [fresh] = untried
      const address = fresh ?? failed.shift()
      if (address === undefined) return
      untried.delete(address)
      const candidate = new Candidate()
      network.connect({ ...address, timeoutMs }, candidate).then(
        (socket) => {
          if (over) return socket.destroy()
          finish()
          candidate.choose(handler)
          resolve(socket)
        },
        (error: Error) => {
          if (over) return
          failed.push(address)
          unanswered.delete(address)
          if (untried.size > 0) return next()
          if (unanswered.size > 0) return
          finish()
          reject(error)
        },
      )
    }
    next()
  })
}

/** Passes on what comes in on a connection once it is the one that is used. */
class Candidate implements SocketHandler {
  #handler: SocketHandler | null = null
  #closed: { readonly error: Error | null } | null = null

  choose(handler: SocketHandler): void {
    this.#handler = handler
    if (this.#closed !== null) handler.closed(this.#closed.error)
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    this.#handler?.data(bytes, start, end)
  }

  drained(): void {
    this.#handler?.drained()
  }

  closed(error: Error | null): void {
    this.#closed = { error }
    this.#handler?.closed(error)
  }
}
