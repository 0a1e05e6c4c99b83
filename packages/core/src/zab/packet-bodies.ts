import { copyBytes, encodeUtf8, JuteError, LearnerInfo, Reader, readUtf8, Writer } from '@vivarium/protocol'

/** The protocol since ZooKeeper 3.4: LEADERINFO and ACKEPOCH before NEWLEADER. */
export const PROTOCOL_VERSION = 0x10000

/** What stands in `data` of FOLLOWERINFO and OBSERVERINFO. */
export function encodeLearnerInfo(sid: number, configVersion: number): Uint8Array {
  const writer = new Writer(20)
  LearnerInfo.write(writer, { serverid: sid, protocolVersion: PROTOCOL_VERSION, configVersion })
  return writer.finish()
}

/**
 * Reads a learner's words about itself. Older servers say less: without a version they are from before 3.4, without
 * `configVersion` from before 3.5, for which 0 stands (LearnerHandler.run).
 *
 * @returns null for bytes that do not even name the server
 */
export function decodeLearnerInfo(data: Uint8Array): LearnerInfo | null {
  const reader = new Reader(data)
  try {
    const serverid = reader.zxid()
    if (reader.remaining < 4) return { serverid, protocolVersion: 1, configVersion: 0 }
    const protocolVersion = reader.int()
    return { serverid, protocolVersion, configVersion: reader.remaining < 8 ? 0 : reader.zxid() }
  } catch (error) {
    if (error instanceof JuteError) return null
    throw error
  }
}

/** `data` of LEADERINFO (the protocol's version) and ACKEPOCH (the current epoch, or −1). */
export function encodeInt(value: number): Uint8Array {
  const writer = new Writer(4)
  writer.int(value)
  return writer.finish()
}

/** @returns null if there are fewer than four bytes */
export function decodeInt(data: Uint8Array | null): number | null {
  return data === null || data.length < 4 ? null : new Reader(data).int()
}

/** What a leader that knows ClickHouse Keeper's operations puts behind the protocol's version; Java reads no further. */
const KEEPER_MARK = 0x5649_564b

/** `data` of LEADERINFO. @param keeper whether learners may forward ClickHouse Keeper's writes */
export function encodeLeaderInfo(keeper: boolean): Uint8Array {
  if (!keeper) return encodeInt(PROTOCOL_VERSION)
  const writer = new Writer(8)
  writer.int(PROTOCOL_VERSION)
  writer.int(KEEPER_MARK)
  return writer.finish()
}

/** Whether a leader says that it knows them. */
export const knowsKeeper = (data: Uint8Array | null): boolean =>
  data !== null && data.length >= 8 && decodeInt(data.subarray(4)) === KEEPER_MARK

/** `data` of NEWLEADER: the text of a configuration. */
export function encodeText(text: string): Uint8Array {
  return encodeUtf8(text)
}

export function decodeText(data: Uint8Array): string {
  return readUtf8(data, 0, data.length)
}

/** `data` of COMMITANDACTIVATE, and the beginning of that of INFORMANDACTIVATE: who is to lead from now on. */
export function encodeDesignatedLeader(sid: number, txn: Uint8Array | null = null): Uint8Array {
  const writer = new Writer(8 + (txn?.length ?? 0))
  writer.zxid(sid)
  if (txn !== null) writer.raw(txn)
  return writer.finish()
}

/** @returns null for bytes that name no server */
export function decodeDesignatedLeader(
  data: Uint8Array | null,
): { readonly sid: number; readonly txn: Uint8Array } | null {
  if (data === null || data.length < 8) return null
  const sid = new Reader(data).approximateLong()
  return Number.isSafeInteger(sid) ? { sid, txn: data.subarray(8) } : null
}

/** A client's request that a learner passes on to its leader; the client's ids travel beside it, in `authinfo`. */
export interface ForwardedRequest {
  readonly sessionId: bigint
  readonly cxid: number
  /** An opcode. */
  readonly opType: number
  /** The request's record, without RequestHeader. */
  readonly body: Uint8Array
}

/** Every write of a learner's clients goes through it. */
const requestWriter = new Writer(1024)

/** `data` of REQUEST (Learner.request). */
export function encodeRequest({ sessionId, cxid, opType, body }: ForwardedRequest): Uint8Array {
  const writer = requestWriter
  writer.clear()
  writer.long(sessionId)
  writer.int(cxid)
  writer.int(opType)
  writer.raw(body)
  return copyBytes(writer.bytes, 0, writer.length)
}

/** @returns null for bytes that are too few for a request */
export function decodeRequest(data: Uint8Array | null): ForwardedRequest | null {
  if (data === null || data.length < 16) return null
  const reader = new Reader(data)
  return { sessionId: reader.long(), cxid: reader.int(), opType: reader.int(), body: data.subarray(16) }
}

/** A session, and for how long it may be silent. */
export interface SessionTouch {
  readonly sessionId: bigint
  readonly timeoutMs: number
}

/** `data` of the answer to PING: the sessions that were heard of since the last one (Learner.ping). */
export function encodeTouches(touches: readonly SessionTouch[]): Uint8Array {
  const writer = new Writer(12 * touches.length)
  for (const { sessionId, timeoutMs } of touches) {
    writer.long(sessionId)
    writer.int(timeoutMs)
  }
  return writer.finish()
}

/** A list that ends in the middle of an entry is taken as far as it goes. */
export function decodeTouches(data: Uint8Array | null): SessionTouch[] {
  const touches: SessionTouch[] = []
  if (data === null) return touches
  const reader = new Reader(data)
  while (reader.remaining >= 12) touches.push({ sessionId: reader.long(), timeoutMs: reader.int() })
  return touches
}

/** `data` of REVALIDATE as a learner asks it, which is one entry of a PING. */
export function encodeRevalidation(touch: SessionTouch): Uint8Array {
  return encodeTouches([touch])
}

/** `data` of REVALIDATE as the leader answers it. */
export function encodeValidity(sessionId: bigint, valid: boolean): Uint8Array {
  const writer = new Writer(9)
  writer.long(sessionId)
  writer.bool(valid)
  return writer.finish()
}

/** @returns null for bytes that are no answer */
export function decodeValidity(
  data: Uint8Array | null,
): { readonly sessionId: bigint; readonly valid: boolean } | null {
  if (data === null || data.length < 9) return null
  const reader = new Reader(data)
  return { sessionId: reader.long(), valid: reader.bool() }
}
