import { formatZxid } from '@vivarium/protocol'

/**
 * States what this server guarantees by itself, whatever its peers send. A server that finds it broken must stop rather
 * than go on: what it would acknowledge next could not be relied on.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`this should be impossible: ${message}`)
}

/** {@link assert} for what is checked with each transaction: the message is put together only when it is needed. */
export function assertZxid(condition: boolean, zxid: number, relation: string, other: number): void {
  if (!condition) assert(false, `${formatZxid(zxid)} ${relation} ${formatZxid(other)}`)
}
