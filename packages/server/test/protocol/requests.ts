import {
  type ACL,
  ConnectRequest,
  OPEN_ACL_UNSAFE,
  OpCode,
  Operation,
  type OperationName,
  type RecordCodec,
  Writer,
} from '@vivarium/protocol'

/** Bytes that are written one value after the other. */
export function bytesOf(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer()
  write(writer)
  return writer.finish()
}

/** Puts the length of a message in front of it. */
export function framed(message: Uint8Array): Uint8Array {
  return bytesOf((w) => w.buffer(message))
}

/** A ConnectRequest; without `readOnlyByte`, one of a client before 3.4. */
export function connectFrame(fields: Partial<ConnectRequest> = {}, readOnlyByte = true): Uint8Array {
  const message = bytesOf((w) =>
    ConnectRequest.write(w, {
      protocolVersion: 0,
      lastZxidSeen: 0,
      timeOut: 30_000,
      sessionId: 0n,
      passwd: new Uint8Array(16),
      readOnly: false,
      ...fields,
    }),
  )
  return framed(readOnlyByte ? message : message.subarray(0, -1))
}

/** The body of a request, as its record has it. */
export function encode(name: OperationName, request: unknown = null): Uint8Array {
  const codec = Operation[name].request as RecordCodec<unknown> | null
  return bytesOf((w) => codec?.write(w, request))
}

/** A request with its header and length. */
export function requestFrame(xid: number, opcode: number, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  return framed(
    bytesOf((w) => {
      w.int(xid)
      w.int(opcode)
      w.raw(body)
    }),
  )
}

/** The operations of a multi or a multiRead, and what ends them. */
export function multi(...operations: readonly (readonly [OperationName, unknown])[]): Uint8Array {
  return bytesOf((w) => {
    for (const [name, request] of operations) {
      multiHeader(w, OpCode[name])
      w.raw(encode(name, request))
    }
    multiHeader(w, -1, true)
  })
}

export function multiHeader(writer: Writer, type: number, done = false): void {
  writer.int(type)
  writer.bool(done)
  writer.int(-1)
}

const text = (data: string | null): Uint8Array | null => (data === null ? null : Buffer.from(data))

/** What create, create2, createContainer and createTTL ask for, but for what a test says otherwise. */
export const create = (
  path: string | null,
  {
    data = '',
    ...rest
  }: { data?: string | null; acl?: readonly (ACL | null)[] | null; flags?: number; ttl?: number } = {},
) => ({ path, data: text(data), acl: OPEN_ACL_UNSAFE, flags: 0, ttl: -1, ...rest })
export const set = (path: string | null, data: string | null = 'y', version = -1) => ({
  path,
  data: text(data),
  version,
})
export const at = (path: string | null, version = -1) => ({ path, version })
export const look = (path: string | null, watch = false) => ({ path, watch })
export const setAcl = (path: string | null, acl: readonly (ACL | null)[] | null, version = -1) => ({
  path,
  acl,
  version,
})
export const acl = (perms: number, scheme: string | null, id: string | null): ACL => ({ perms, id: { scheme, id } })
export const auth = (scheme: string | null, credentials: string | null) => ({
  type: 0,
  scheme,
  auth: text(credentials),
})
