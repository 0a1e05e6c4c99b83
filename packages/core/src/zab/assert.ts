/**
 * States what this server guarantees by itself, whatever its peers send. A server that finds it broken must stop rather
 * than go on: what it would acknowledge next could not be relied on.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`this should be impossible: ${message}`)
}
