import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/** How one field is read and written. `method` is what the Reader and the Writer call it, where they have it built in. */
export interface FieldType<T> {
  read(reader: Reader): T
  write(writer: Writer, value: T): void
  readonly method: string | null
}

/** The values of a field. */
export type ValueOf<F> = F extends FieldType<infer T> ? T : never

/** One byte, 0 or 1; any other byte is read as true. */
export const bool: FieldType<boolean> = {
  method: 'bool',
  read: (reader) => reader.bool(),
  write: (writer, value) => writer.bool(value),
}

/** A signed 32-bit integer. */
export const int: FieldType<number> = {
  method: 'int',
  read: (reader) => reader.int(),
  write: (writer, value) => writer.int(value),
}

/** A signed 64-bit integer that may use all its bits: session ids, owners of ephemeral znodes. */
export const long: FieldType<bigint> = {
  method: 'long',
  read: (reader) => reader.long(),
  write: (writer, value) => writer.long(value),
}

/** A 64-bit integer that has to be exact as a number: zxids, versions of the configuration, server ids. */
export const zxid: FieldType<number> = {
  method: 'zxid',
  read: (reader) => reader.zxid(),
  write: (writer, value) => writer.zxid(value),
}

/** A zxid that a client may have made up, for which any 64-bit integer will do: rounded beyond 53 bits. */
export const anyZxid: FieldType<number> = {
  method: 'approximateLong',
  read: (reader) => reader.approximateLong(),
  write: (writer, value) => writer.approximateLong(value),
}

/** A time or a duration in milliseconds, rounded beyond 53 bits. */
export const millis: FieldType<number> = {
  method: 'millis',
  read: (reader) => reader.millis(),
  write: (writer, value) => writer.millis(value),
}

/** Text or null. */
export const string: FieldType<string | null> = {
  method: 'string',
  read: (reader) => reader.string(),
  write: (writer, value) => writer.string(value),
}

/** Text where null is refused, as it is for the path of every request that looks one up. */
export const text: FieldType<string> = {
  method: 'text',
  read: (reader) => reader.text(),
  write: (writer, value) => writer.text(value),
}

/** Bytes or null. What is read is a view of the reader's bytes. */
export const buffer: FieldType<Uint8Array | null> = {
  method: 'buffer',
  read: (reader) => reader.buffer(),
  write: (writer, value) => writer.buffer(value),
}

export interface VectorType<T> extends FieldType<readonly T[] | null> {
  readonly of: FieldType<T>
}

/** A list or null. */
export function vector<T>(of: FieldType<T>): VectorType<T> {
  const { read, write } = of
  return {
    method: null,
    of,
    read: (reader) => reader.vector(read),
    write: (writer, list) => writer.vector(list, write),
  }
}
