import type { FieldType, ValueOf } from './field-types.ts'
import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/** Fields by name, in the order they have in the bytes. */
export interface Fields {
  readonly [name: string]: FieldType<unknown>
}

/** The codec of a record: its fields back to back, without tags or lengths. It may be a field of another record. */
export interface RecordCodec<T> extends FieldType<T> {
  readonly fields: Fields
}

/** The values that a record's codec reads and writes: `type Stat = RecordOf<typeof Stat>`. */
export type RecordOf<C> = ValueOf<C>

type Values<F extends Fields> = { -readonly [K in keyof F]: ValueOf<F[K]> }

interface Functions {
  read(reader: Reader): unknown
  write(writer: Writer, value: unknown): void
}

/**
 * The codec of a record with these fields, in this order.
 *
 * @example
 * const Id = record({ scheme: string, id: string })
 * type Id = RecordOf<typeof Id>
 * Id.write(writer, { scheme: 'world', id: 'anyone' })
 */
export function record<F extends Fields>(fields: F): RecordCodec<Values<F>> {
  const { read, write } = canGenerate ? generated(fields) : interpreted(fields)
  return { method: null, fields, read, write } as RecordCodec<Values<F>>
}

/** Loops over the fields: what {@link generated} does where code may not be generated. */
export function interpreted(fields: Fields): Functions {
  const list = Object.entries(fields)
  return {
    read(reader) {
      const value: { [name: string]: unknown } = {}
      for (const [name, type] of list) value[name] = type.read(reader)
      return value
    },
    write(writer, value) {
      for (const [name, type] of list) type.write(writer, (value as { [name: string]: unknown })[name])
    },
  }
}

/** Straight-line functions, one statement for each field: a quarter to a half less time than looping. */
export function generated(fields: Fields): Functions {
  const list = Object.entries(fields)
  const reads = list.map(
    ([name, type], i) => `${name}: ${type.method ? `reader.${type.method}()` : `t${i}.read(reader)`}`,
  )
  const writes = list.map(([name, type], i) =>
    type.method ? `writer.${type.method}(value.${name})` : `t${i}.write(writer, value.${name})`,
  )
  const parameters = list.map((_, i) => `t${i}`)
  const body = `'use strict'
    return {
      read(reader) { return { ${reads.join(', ')} } },
      write(writer, value) { ${writes.join('; ')} },
    }`
  return new Function(...parameters, body)(...list.map(([, type]) => type)) as Functions
}

/** Not so under `--disallow-code-generation-from-strings`, or a content security policy. */
const canGenerate = ((): boolean => {
  try {
    return new Function('return true')() === true
  } catch {
    return false
  }
})()
