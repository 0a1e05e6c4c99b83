import { lookup, lookupService } from 'node:dns/promises'

/**
 * The name that the address of a host has, if the address is that name's, too (InetAddress.getCanonicalHostName); the host
 * itself where there is none.
 */
export async function canonicalName(host: string): Promise<string> {
  try {
    const { address } = await lookup(host)
    const { hostname } = await lookupService(address, 0)
    const addresses = await lookup(hostname, { all: true })
    return hostname !== address && addresses.some((each) => each.address === address) ? hostname : host
  } catch {
    return host
  }
}
