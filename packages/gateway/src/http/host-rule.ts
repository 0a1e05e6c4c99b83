import { isIP } from 'node:net'
import { hostname } from 'node:os'

/** Names by which a machine calls itself, which no one else can make point here. */
const OWN_NAMES = new Set(['localhost', hostname().toLowerCase()])

/**
 * Whether a request's `Host` is one that a browser can only have come by honestly. A page of another site can let its own
 * name point to this machine and then be "of the same origin" (DNS rebinding); an address, or a name that is known here, it
 * cannot take.
 *
 * @param allowed further names, in lower case
 */
export function isAllowedHost(host: string | undefined, allowed: ReadonlySet<string>): boolean {
  const name = hostName(host)
  if (name === null) return false
  return isIP(name) !== 0 || OWN_NAMES.has(name) || name.endsWith('.localhost') || allowed.has(name)
}

/** The name in `host[:port]`, in lower case and without an IPv6 address's brackets; null if it is none. */
export function hostName(host: string | undefined): string | null {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@\s]+))(?::\d{1,5})?$/i.exec(host ?? '')
  return (parts?.[1] ?? parts?.[2])?.toLowerCase() ?? null
}
