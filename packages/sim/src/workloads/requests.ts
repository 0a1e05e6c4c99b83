import {
  type ACL,
  AclList,
  encodeUtf8,
  errno,
  JuteError,
  MultiHeader,
  OpCode,
  Operation as Operations,
  type Reader,
  readUtf8,
  Stat,
  type Writer,
} from '@vivarium/protocol'

/** An operation that may be part of a multi. Data are text, to be read by people. */
export type WriteRequest =
  | {
      readonly kind: 'create' | 'create2' | 'createContainer'
      readonly path: string
      readonly data: string | null
      readonly acl: readonly ACL[]
      readonly flags: number
    }
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }
  | { readonly kind: 'setData'; readonly path: string; readonly data: string | null; readonly version: number }
  | { readonly kind: 'check'; readonly path: string; readonly version: number }

export interface WatchPaths {
  readonly relativeZxid: number
  readonly dataWatches: readonly string[]
  readonly existWatches: readonly string[]
  readonly childWatches: readonly string[]
  readonly persistentWatches: readonly string[]
  readonly persistentRecursiveWatches: readonly string[]
}

/** What a client asks. */
export type Request =
  | WriteRequest
  | { readonly kind: 'setACL'; readonly path: string; readonly acl: readonly ACL[]; readonly version: number }
  | { readonly kind: 'multi'; readonly operations: readonly WriteRequest[] }
  | {
      readonly kind: 'exists' | 'getData' | 'getChildren' | 'getChildren2'
      readonly path: string
      readonly watch: boolean
    }
  | { readonly kind: 'getACL' | 'getAllChildrenNumber' | 'sync'; readonly path: string }
  | { readonly kind: 'getEphemerals'; readonly prefix: string }
  | { readonly kind: 'addWatch'; readonly path: string; readonly recursive: boolean }
  | { readonly kind: 'setWatches'; readonly watches: WatchPaths }
  | {
      readonly kind: 'reconfig'
      readonly joiningServers: string | null
      readonly leavingServers: string | null
      readonly newMembers: string | null
      readonly curConfigId: number
    }
  | { readonly kind: 'ping' | 'closeSession' }

const WRITES: ReadonlySet<string> = new Set([
  'create',
  'create2',
  'createContainer',
  'delete',
  'setData',
  'setACL',
  'multi',
  'reconfig',
  'closeSession',
])

/** Whether a request becomes a transaction. */
export function isWrite(request: Request): boolean {
  return WRITES.has(request.kind)
}

/** What is answered, apart from the header; fields that an answer does not have are absent. */
export interface Result {
  /** 0, or the number of an error. */
  readonly err: number
  readonly path?: string
  readonly stat?: Stat
  readonly data?: string | null
  /** Sorted. */
  readonly names?: readonly string[]
  readonly acl?: readonly ACL[]
  readonly count?: number
  /** Of a multi. */
  readonly results?: readonly Result[]
}

export function opcodeOf(request: Request): number {
  return request.kind === 'setWatches' ? OpCode.setWatches2 : OpCode[request.kind]
}

function bytesOf(data: string | null): Uint8Array | null {
  return data === null ? null : encodeUtf8(data)
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : readUtf8(bytes, 0, bytes.length)
}

/** Writes the body of a request. */
export function writeRequest(writer: Writer, request: Request): void {
  switch (request.kind) {
    case 'create':
    case 'create2':
    case 'createContainer':
      Operations.create.request.write(writer, { ...request, data: bytesOf(request.data) })
      return
    case 'setData':
      Operations.setData.request.write(writer, { ...request, data: bytesOf(request.data) })
      return
    case 'multi':
      for (const operation of request.operations) {
        MultiHeader.write(writer, { type: opcodeOf(operation), done: false, err: -1 })
        writeRequest(writer, operation)
      }
      MultiHeader.write(writer, { type: -1, done: true, err: -1 })
      return
    case 'getEphemerals':
      writer.string(request.prefix)
      return
    case 'addWatch':
      Operations.addWatch.request.write(writer, { path: request.path, mode: request.recursive ? 1 : 0 })
      return
    case 'setWatches':
      Operations.setWatches2.request.write(writer, request.watches)
      return
    case 'ping':
    case 'closeSession':
      return
    default:
      Operations[request.kind].request.write(writer, request as never)
  }
}

/** Reads the body of an answer that is no error. Throws {@link JuteError} for what is none. */
export function readResult(reader: Reader, request: Request): Result {
  const err = 0
  switch (request.kind) {
    case 'create':
      return { err, path: reader.text() }
    case 'create2':
    case 'createContainer':
      return { err, path: reader.text(), stat: Stat.read(reader) }
    case 'setData':
    case 'setACL':
    case 'exists':
      return { err, stat: Stat.read(reader) }
    case 'getData':
    case 'reconfig':
      return { err, data: textOf(reader.buffer()), stat: Stat.read(reader) }
    case 'getChildren':
      return { err, names: readNames(reader) }
    case 'getChildren2':
      return { err, names: readNames(reader), stat: Stat.read(reader) }
    case 'getEphemerals':
      return { err, names: readNames(reader) }
    case 'getACL':
      return { err, acl: AclList.read(reader) ?? [], stat: Stat.read(reader) }
    case 'getAllChildrenNumber':
      return { err, count: reader.int() }
    case 'sync':
      return { err, path: reader.text() }
    case 'addWatch':
      return { err: reader.int() }
    case 'multi':
      return { err, results: readMultiResults(reader) }
    default:
      return { err }
  }
}

function readNames(reader: Reader): string[] {
  return (reader.vector((one) => one.text()) ?? []).sort()
}

function readMultiResults(reader: Reader): Result[] {
  const results: Result[] = []
  for (;;) {
    const { type, done } = MultiHeader.read(reader)
    if (done) return results
    switch (type) {
      case OpCode.error:
        results.push({ err: reader.int() })
        break
      case OpCode.create:
        results.push({ err: 0, path: reader.text() })
        break
      case OpCode.create2:
        results.push({ err: 0, path: reader.text(), stat: Stat.read(reader) })
        break
      case OpCode.setData:
        results.push({ err: 0, stat: Stat.read(reader) })
        break
      case OpCode.delete:
      case OpCode.check:
        results.push({ err: 0 })
        break
      default:
        throw new JuteError(`${type} is no type of a result`)
    }
  }
}

/** One line that says everything, to print and to compare: JSON, with numbers of 64 bits in hexadecimal. */
export function describe(value: unknown): string {
  if (typeof value === 'bigint') return `"0x${BigInt.asUintN(64, value).toString(16)}"`
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(describe).join(',')}]`
  let fields = ''
  // Plain objects all: this makes no list of lists, as Object.entries does.
  for (const name in value) {
    const field = (value as Record<string, unknown>)[name]
    if (field !== undefined) fields += `${fields === '' ? '' : ','}"${name}":${describe(field)}`
  }
  return `{${fields}}`
}

export const SYSTEM_ERROR = errno('SYSTEMERROR')
export const EPHEMERAL_ON_LOCAL_SESSION = errno('EPHEMERALONLOCALSESSION')

/** Whether a write was refused before it had a place among others: while none can be done, or for its session's sake. */
export function wasTurnedAway({ err }: Result): boolean {
  return err === SYSTEM_ERROR || err === EPHEMERAL_ON_LOCAL_SESSION
}
export const SESSION_EXPIRED = errno('SESSIONEXPIRED')
