import { command } from '../command.ts'
import { javaAddress, javaDate, javaHex } from '../java-format.ts'
import type { AdminView, ExpiryBucket } from '../view.ts'

/** Sessions and connections by the time at which they expire, and the ephemeral znodes. */
export const dump = command('dump', function* (view: AdminView) {
  yield 'SessionTracker dump:\n'
  const learned = view.member?.globalSessions ?? null
  const local = view.localSessionBuckets()
  const line = (session: bigint): string => `\t0x${javaHex(session)}\n`
  if (local !== null) yield* buckets('Local Session', local, line)
  if (learned === null) yield* buckets(local === null ? 'Session' : 'Global Session', view.sessionBuckets(), line)
  else {
    yield `Global Sessions(${learned.size}):\n`
    for (const [session, timeoutMs] of learned) yield `0x${javaHex(session)}\t${timeoutMs}ms\n`
  }
  yield 'ephemeral nodes dump:\n'
  yield `Sessions with Ephemerals (${view.ephemeralOwnerCount}):\n`
  for (const [session, paths] of view.ephemerals()) {
    yield `0x${javaHex(session)}:\n`
    for (const path of paths) yield `\t${path}\n`
  }
  yield 'Connections dump:\n'
  yield* buckets('Connections', view.connectionBuckets(), ({ remoteAddress, remotePort, sessionId }) => {
    return `\tip: ${javaAddress(remoteAddress, remotePort)} sessionId: 0x${javaHex(sessionId)}\n`
  })
})

/** ExpiryQueue.dump. */
function* buckets<Element>(
  what: string,
  all: readonly ExpiryBucket<Element>[],
  line: (element: Element) => string,
): Iterable<string> {
  let count = 0
  for (const { elements } of all) count += elements.length
  yield `${what} Sets (${all.length})/(${count}):\n`
  for (const { expiresAtMs, elements } of all) {
    yield `${elements.length} expire at ${javaDate(expiresAtMs)}:\n`
    for (const element of elements) yield line(element)
  }
}
