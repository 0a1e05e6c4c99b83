import {
  type ErrorCode,
  errorCodeOf,
  JuteError,
  type KeeperError,
  type KeeperErrorCode,
  MultiHeader,
  OpCode,
  type Reader,
  Stat,
  type Writer,
} from '@vivarium/protocol'
import type { Chroot } from '../chroot.ts'
import { MultiError, RequestError } from '../errors.ts'
import { type CreateOptions, createBody, type DataInput, dataBytes, serverCreatePath, serverPath } from './arguments.ts'
import {
  type CreateBody,
  createCall,
  deleteCall,
  getChildrenCall,
  getDataCall,
  readCreated,
  readData,
  readNames,
  setDataCall,
} from './calls.ts'
import type { Call } from './request.ts'
import type { Created, Data } from './results.ts'

/** One operation of a multi. `R` is what it brings. */
export interface Op<R> {
  readonly opcode: number
  /** The client's. */
  readonly path: string
  /** Checks the arguments, and returns the server's path and what is written behind it. Throws ArgumentError and the like. */
  prepare(chroot: Chroot): { readonly path: string; write(writer: Writer, path: string): void }
  /** Not there: only its type matters. */
  readonly result?: R
}

/** The results of operations, in their order: `multi([Op.create(…), Op.check(…)])` brings `[Created, null]`. */
export type Results<T extends readonly Op<unknown>[]> = {
  -readonly [K in keyof T]: T[K] extends Op<infer R> ? R : never
}

/** As {@link Results}, with an error in place of each result that could not be had. */
export type ReadResults<T extends readonly Op<unknown>[]> = {
  -readonly [K in keyof T]: T[K] extends Op<infer R> ? R | KeeperError : never
}

function op<R, B>(
  call: Call<B, unknown>,
  path: string,
  body: () => B,
  toServer: (chroot: Chroot) => string = (chroot) => serverPath(chroot, path),
): Op<R> {
  return {
    opcode: call.opcode,
    path,
    prepare(chroot) {
      const prepared = body()
      return { path: toServer(chroot), write: (writer, at) => call.write(writer, at, prepared, false) }
    },
  }
}

/** Writes that stand in a multi. */
export type WriteOp<R = Created | Stat | null> = Op<R> & { readonly kind: 'write' }
/** Reads that stand in a multiRead. */
export type ReadOp<R = Data | string[]> = Op<R> & { readonly kind: 'read' }

const write = <R>(made: Op<R>): WriteOp<R> => ({ ...made, kind: 'write' })
const read = <R>(made: Op<R>): ReadOp<R> => ({ ...made, kind: 'read' })

const checkCall: Call<number, void> = { ...deleteCall, name: 'check', opcode: OpCode.check }

/**
 * The operations of a multi and of a multiRead.
 *
 * @example
 * await zk.multi([Op.check('/leader', { version: 3 }), Op.setData('/state', 'ready')])
 */
export const Op = {
  create(path: string, options: CreateOptions = {}): WriteOp<Created> {
    const body = createBody(options)
    return write(
      op<Created, CreateBody>(
        createCall(body.mode),
        path,
        () => body,
        (chroot) => serverCreatePath(chroot, path, body.mode),
      ),
    )
  },
  delete(path: string, options: { readonly version?: number | undefined } = {}): WriteOp<null> {
    return write(op<null, number>(deleteCall, path, () => options.version ?? -1))
  },
  setData(path: string, data: DataInput, options: { readonly version?: number | undefined } = {}): WriteOp<Stat> {
    return write(op(setDataCall, path, () => ({ data: dataBytes(data), version: options.version ?? -1 })))
  },
  /** Fails the multi unless the znode is there, and has that version if one is given. */
  check(path: string, options: { readonly version?: number | undefined } = {}): WriteOp<null> {
    return write(op<null, number>(checkCall, path, () => options.version ?? -1))
  },
  getData(path: string): ReadOp<Data> {
    return read(op(getDataCall, path, () => null))
  },
  getChildren(path: string): ReadOp<string[]> {
    return read(op(getChildrenCall, path, () => null))
  },
} as const

/** The body of a multi: its operations, prepared. */
export interface MultiBody {
  readonly opcodes: readonly number[]
  readonly operations: readonly { readonly path: string; write(writer: Writer, path: string): void }[]
}

export function multiBody(operations: readonly Op<unknown>[], chroot: Chroot): MultiBody {
  return { opcodes: operations.map(({ opcode }) => opcode), operations: operations.map((each) => each.prepare(chroot)) }
}

const LAST = { type: -1, done: true, err: -1 }

function writeMulti(writer: Writer, _path: string, { opcodes, operations }: MultiBody): void {
  for (const [i, operation] of operations.entries()) {
    MultiHeader.write(writer, { type: opcodes[i] as number, done: false, err: -1 })
    operation.write(writer, operation.path)
  }
  MultiHeader.write(writer, LAST)
}

/** One result: a value, or the code of an error. */
type Outcome = { readonly value: unknown } | { readonly code: ErrorCode }

function readOutcomes(reader: Reader, chroot: Chroot): Outcome[] {
  const outcomes: Outcome[] = []
  for (;;) {
    const { type, done, err } = MultiHeader.read(reader)
    if (done) return outcomes
    if (type === OpCode.error) {
      reader.int() // The same number once more, as a record.
      outcomes.push({ code: errorCodeOf(err) ?? 'SYSTEMERROR' })
    } else outcomes.push({ value: readResult(reader, type, chroot) })
  }
}

function readResult(reader: Reader, type: number, chroot: Chroot): unknown {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
      return readCreated(reader, chroot)
    case OpCode.setData:
      return Stat.read(reader)
    case OpCode.delete:
    case OpCode.check:
      return null
    case OpCode.getData:
      return readData(reader)
    case OpCode.getChildren:
      return readNames(reader)
    default:
      throw new JuteError(`the result of a multi has the unknown type ${type}`)
  }
}

/** A call for these operations: the paths are kept for the error of the one that fails. */
export function multiCall(operations: readonly Op<unknown>[]): Call<MultiBody, unknown[]> {
  return {
    name: 'multi',
    opcode: OpCode.multi,
    isRead: false,
    absentIsNull: false,
    write: writeMulti,
    read(reader, chroot) {
      const outcomes = readOutcomes(reader, chroot)
      const codes = outcomes.map((outcome) => ('code' in outcome ? outcome.code : 'OK'))
      const index = codes.findIndex((code) => code !== 'OK')
      if (index === -1) return outcomes.map((outcome) => ('value' in outcome ? outcome.value : null))
      throw new MultiError(codes[index] as KeeperErrorCode, operations[index]?.path ?? null, index, codes)
    },
  }
}

export function multiReadCall(operations: readonly Op<unknown>[]): Call<MultiBody, unknown[]> {
  return {
    name: 'multiRead',
    opcode: OpCode.multiRead,
    isRead: true,
    absentIsNull: false,
    write: writeMulti,
    read: (reader, chroot) =>
      readOutcomes(reader, chroot).map((outcome, i) => {
        if ('value' in outcome) return outcome.value
        const code = outcome.code === 'OK' ? 'SYSTEMERROR' : outcome.code
        return new RequestError(code, operations[i]?.path ?? null, { operation: 'multiRead', maybeApplied: false })
      }),
  }
}
