import { type Channel, channel } from 'node:diagnostics_channel'

/**
 * What a client tells those who subscribe (node:diagnostics_channel). Each message has `client`, the ZooKeeper object's
 * name, and what is said here.
 *
 * - `vivarium:client:state`: `state`, `previous`, `cause`
 * - `vivarium:client:attempt`: `server` is about to be connected to
 * - `vivarium:client:disconnect`: `server` and the `cause` of the end of a connection, or of an attempt
 * - `vivarium:client:session`: `sessionId`, `timeoutMs`, `isNew`, `server`: a server took the session
 * - `vivarium:client:watch`: `type`, `path`, `zxid` of an event that came
 * - `vivarium:client:rearm`: all watches are set again, in so many `packets`
 */
export const channels = {
  state: channel('vivarium:client:state'),
  attempt: channel('vivarium:client:attempt'),
  disconnect: channel('vivarium:client:disconnect'),
  session: channel('vivarium:client:session'),
  watch: channel('vivarium:client:watch'),
  rearm: channel('vivarium:client:rearm'),
} satisfies { [name: string]: Channel }

/** Tells a channel what `message` makes, if anyone listens there; `client` says which client it is. */
export function publish(name: keyof typeof channels, client: string, message: () => object): void {
  const to = channels[name]
  if (to.hasSubscribers) to.publish({ client, ...message() })
}
