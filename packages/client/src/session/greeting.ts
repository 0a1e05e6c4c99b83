import { ConnectRequest, ConnectResponse, type Reader, type Zxid } from '@vivarium/protocol'
import type { Output } from '../connection/output.ts'

export interface Greeting {
  readonly lastZxid: Zxid
  readonly timeoutMs: number
  /** The session to go on with; null: a new one is asked for. */
  readonly session: { readonly id: bigint; readonly password: Uint8Array } | null
  /** Whether a read-only server will do. */
  readonly readOnly: boolean
}

const NO_PASSWORD = new Uint8Array(16)

/** The first frame of a connection, which has no header. */
export function writeGreeting(output: Output, { lastZxid, timeoutMs, session, readOnly }: Greeting): void {
  const at = output.beginFrame()
  ConnectRequest.write(output.writer, {
    protocolVersion: 0,
    lastZxidSeen: lastZxid,
    timeOut: timeoutMs,
    sessionId: session?.id ?? 0n,
    passwd: session?.password ?? NO_PASSWORD,
    readOnly,
  })
  output.endFrame(at, Number.POSITIVE_INFINITY)
}

/** Servers before 3.4 leave out whether they are read-only. */
export function readGreeting(reader: Reader): ConnectResponse {
  if (reader.remaining !== 4 + 4 + 8 + 4 + 16) return ConnectResponse.read(reader)
  return {
    protocolVersion: reader.int(),
    timeOut: reader.int(),
    sessionId: reader.long(),
    passwd: reader.buffer(),
    readOnly: false,
  }
}
