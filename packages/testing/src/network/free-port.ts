import { once } from 'node:events'
import { createServer } from 'node:net'

/** Ports that were given away: whoever got one may not listen yet. */
const taken = new Set<number>()

/**
 * A TCP port that was free a moment ago, below those that the kernel hands out by itself: a client that tries such a port
 * before the server listens can end up connected to itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (taken.has(port)) continue
    taken.add(port)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
