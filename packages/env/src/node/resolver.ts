import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Resolver } from '../resolver.ts'

/** The system's resolver (getaddrinfo): it reads the hosts file, and caches for as long as the system does. */
export const nodeResolver: Resolver = {
  async resolve(host) {
    if (isIP(host) !== 0) return [host]
    const found = await lookup(host, { all: true })
    return found.map(({ address }) => address)
  },
}
