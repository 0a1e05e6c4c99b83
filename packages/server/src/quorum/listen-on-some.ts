import type { MemberAddress } from '@vivarium/core'
import type { Listener, ListenOptions, Log, Network, Socket, SocketHandler } from '@vivarium/env'

/** Where a member listens for the others: at each of its addresses, or (`quorumListenOnAllIPs`) on all that the machine has. */
export function listenAddresses(
  addresses: readonly MemberAddress[],
  port: 'quorumPort' | 'electionPort',
  onAll: boolean,
): readonly ListenOptions[] {
  if (!onAll) return addresses.map((address) => ({ host: address.host, port: address[port] }))
  return [...new Set(addresses.map((address) => address[port]))].map((one) => ({ port: one }))
}

/**
 * Listens on as many of the addresses as can be had: of several, one may be of a network that is gone.
 *
 * @throws the system's error if there is none that can be had
 */
export async function listenOnSome(
  network: Network,
  log: Log,
  addresses: readonly ListenOptions[],
  accept: (socket: Socket) => SocketHandler,
): Promise<Listener[]> {
  const listeners: Listener[] = []
  const errors: unknown[] = []
  for (const options of addresses) {
    try {
      listeners.push(await network.listen(options, accept))
    } catch (error) {
      errors.push(error)
      if (addresses.length > 1)
        log.warn('One of the addresses for the other members cannot be had.', { error: String(error) })
    }
  }
  if (listeners.length === 0) throw errors[0] ?? new Error('no address')
  return listeners
}
