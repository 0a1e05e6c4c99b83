import { inPieces } from '../in-pieces.ts'

/**
 * What the admin server answers with. What may be large is {@link Entries} or {@link Items}, which are walked over while
 * they are written. Whole numbers of 64 bits are bigints.
 */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | JsonNumber
  | readonly Json[]
  | Items
  | Entries
  | JsonObject

export interface JsonObject {
  readonly [name: string]: Json
}

/** A number that is written as Java would: `0.0`. */
export class JsonNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** An array. */
export class Items {
  readonly each: Iterable<Json>

  constructor(each: Iterable<Json>) {
    this.each = each
  }
}

/** An object. */
export class Entries {
  readonly each: Iterable<readonly [name: string, value: Json]>

  constructor(each: Iterable<readonly [name: string, value: Json]>) {
    this.each = each
  }
}

/** JSON in pieces, laid out as the admin server of Java does (Jackson's DefaultPrettyPrinter). */
export const formatJson = (value: Json): Iterable<string> => inPieces(parts(value, '\n'))

function* parts(value: Json, indent: string): Iterable<string> {
  if (value instanceof JsonNumber) yield value.text
  else if (typeof value === 'bigint') yield String(BigInt.asIntN(64, value))
  else if (value === null || typeof value !== 'object') yield JSON.stringify(value)
  else if (value instanceof Items) yield* array(value.each, indent)
  else if (Array.isArray(value)) yield* array(value as readonly Json[], indent)
  else yield* object(value instanceof Entries ? value.each : Object.entries(value as JsonObject), indent)
}

function* array(items: Iterable<Json>, indent: string): Iterable<string> {
  yield '[ '
  let separator = ''
  for (const item of items) {
    yield separator
    yield* parts(item, indent)
    separator = ', '
  }
  yield separator === '' ? ']' : ' ]'
}

function* object(entries: Iterable<readonly [string, Json]>, indent: string): Iterable<string> {
  yield '{'
  const inner = `${indent}  `
  let separator = ''
  for (const [name, value] of entries) {
    yield `${separator}${inner}${JSON.stringify(name)} : `
    yield* parts(value, inner)
    separator = ','
  }
  yield separator === '' ? ' }' : `${indent}}`
}
