import { ByteReader, ByteWriter } from './bytes.ts'

/** An access control entry as it is on the wire; every string may be null in a hostile one. */
export interface Acl {
  perms: number
  scheme: string | null
  id: string | null
}

export const OPEN_ACL: readonly Acl[] = [{ perms: 31, scheme: 'world', id: 'anyone' }]

/** `org.apache.zookeeper.data.Stat`. */
export interface Stat {
  czxid: bigint
  mzxid: bigint
  ctime: bigint
  mtime: bigint
  version: number
  cversion: number
  aversion: number
  ephemeralOwner: bigint
  dataLength: number
  numChildren: number
  pzxid: bigint
}

export function readStat(reader: ByteReader): Stat {
  return {
    czxid: reader.long(),
    mzxid: reader.long(),
    ctime: reader.long(),
    mtime: reader.long(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.long(),
    dataLength: reader.int(),
    numChildren: reader.int(),
    pzxid: reader.long(),
  }
}

export function writeAcl(writer: ByteWriter, acl: Acl): void {
  writer.int(acl.perms).string(acl.scheme).string(acl.id)
}

export function readAcl(reader: ByteReader): Acl {
  return { perms: reader.int(), scheme: reader.string(), id: reader.string() }
}

/** The body of create, create2, createContainer and, with a `ttlMs`, createTTL. */
export function createBody(
  path: string | null,
  data: Uint8Array | null,
  acl: readonly Acl[] | null,
  flags: number,
  ttlMs?: number,
): Buffer {
  const writer = new ByteWriter().string(path).buffer(data).vector(acl, writeAcl).int(flags)
  return (ttlMs === undefined ? writer : writer.long(ttlMs)).take()
}

/** A path and an expected version: delete and check. */
export function versionedBody(path: string | null, version: number): Buffer {
  return new ByteWriter().string(path).int(version).take()
}

export function setDataBody(path: string | null, data: Uint8Array | null, version: number): Buffer {
  return new ByteWriter().string(path).buffer(data).int(version).take()
}

export function setAclBody(path: string | null, acl: readonly Acl[] | null, version: number): Buffer {
  return new ByteWriter().string(path).vector(acl, writeAcl).int(version).take()
}

/** A path and a watch flag: exists, getData, getChildren and getChildren2. */
export function readBody(path: string | null, watch: boolean): Buffer {
  return new ByteWriter().string(path).bool(watch).take()
}

/** Only a path: getACL, sync, getEphemerals, getAllChildrenNumber. */
export function pathBody(path: string | null): Buffer {
  return new ByteWriter().string(path).take()
}

export function authBody(scheme: string | null, auth: Uint8Array | null): Buffer {
  return new ByteWriter().int(0).string(scheme).buffer(auth).take()
}

/** Sub-requests of a multi or multiRead, each an opcode and its ordinary body. */
export function multiBody(operations: readonly { op: number; body: Uint8Array }[]): Buffer {
  const writer = new ByteWriter()
  for (const { op, body } of operations) writer.int(op).bool(false).int(-1).raw(body)
  return writer.int(-1).bool(true).int(-1).take()
}

/** The length and the request header in front of a body. */
export function requestFrame(xid: number, op: number, body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(12 + body.length)
  frame.writeInt32BE(8 + body.length, 0)
  frame.writeInt32BE(xid | 0, 4)
  frame.writeInt32BE(op | 0, 8)
  frame.set(body, 12)
  return frame
}

/** What a client says first. Without `readOnly` it is a client from before 3.4. */
export interface ConnectRequest {
  protocolVersion?: number
  lastZxid?: bigint
  timeoutMs?: number
  sessionId?: bigint
  password?: Uint8Array | null
  readOnly?: boolean | undefined
}

export function connectFrame(request: ConnectRequest): Buffer {
  const writer = new ByteWriter()
    .int(request.protocolVersion ?? 0)
    .long(request.lastZxid ?? 0n)
    .int(request.timeoutMs ?? 30_000)
    .long(request.sessionId ?? 0n)
    .buffer(request.password === undefined ? Buffer.alloc(16) : request.password)
  if (request.readOnly !== undefined) writer.bool(request.readOnly)
  return lengthPrefixed(writer.take())
}

export function lengthPrefixed(body: Uint8Array): Buffer {
  return new ByteWriter().int(body.length).raw(body).take()
}

export interface ConnectResponse {
  protocolVersion: number
  timeoutMs: number
  sessionId: bigint
  password: Buffer | null
  /** `undefined` where the byte was left out. */
  readOnly: boolean | undefined
}

export function readConnectResponse(bytes: Uint8Array): ConnectResponse {
  const reader = new ByteReader(bytes)
  return {
    protocolVersion: reader.int(),
    timeoutMs: reader.int(),
    sessionId: reader.long(),
    password: reader.buffer(),
    readOnly: reader.remaining > 0 ? reader.bool() : undefined,
  }
}
