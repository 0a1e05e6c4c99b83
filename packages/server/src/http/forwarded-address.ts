import { toHostAddress } from '@vivarium/core'

/**
 * Who asks through proxies, by the header `X-Forwarded-For`, to which each proxy adds whom it was asked by. The last address that is
 * none of a proxy's counts: those in front of it are whatever the visitor has sent. Java takes the first
 * (IPAuthenticationProvider.getClientIPAddress), which is anybody's to choose where proxies add to what they get (CVE-2024-51504).
 *
 * @param peer whose connection it is
 * @param proxies addresses of the proxies; without any, whoever connects is one, and the only one
 */
export function forwardedAddress(header: string, peer: string, proxies: readonly string[]): string {
  const known = new Set(proxies.map(toHostAddress))
  if (known.size > 0 && !known.has(toHostAddress(peer))) return peer
  const path = header
    .split(',')
    .map((address) => toHostAddress(address.trim()))
    .filter((address) => address !== '')
  return path.findLast((address) => !known.has(address)) ?? path[0] ?? peer
}
