import {
  anyZxid,
  buffer,
  type FieldType,
  long,
  millis,
  type RecordCodec,
  type VectorType,
  zxid,
} from '@vivarium/protocol'
import { fromHex } from './load.ts'

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

export function isRecord(type: FieldType<unknown>): type is RecordCodec<unknown> {
  return 'fields' in type
}

export function isVector(type: FieldType<unknown>): type is VectorType<unknown> {
  return 'of' in type
}

/** The value of a field as our codecs have it, from a golden file's JSON. */
export function revive(type: FieldType<unknown>, json: Json): unknown {
  if (json === null) return null
  if (type === long) return BigInt(json as string)
  if (type === zxid || type === anyZxid || type === millis) return Number(json)
  if (type === buffer) return fromHex(json as string)
  if (isVector(type)) return (json as Json[]).map((element) => revive(type.of, element))
  if (!isRecord(type)) return json
  const object = json as { [name: string]: Json }
  return Object.fromEntries(
    Object.entries(type.fields).map(([name, field]) => [name, revive(field, object[name] as Json)]),
  )
}

/** Whether a value holds, at a field of the type `wanted`, one that satisfies `holds`. */
export function anyField(
  type: FieldType<unknown>,
  json: Json,
  wanted: FieldType<unknown>,
  holds: (json: Json) => boolean,
): boolean {
  if (type === wanted) return holds(json)
  if (json === null) return false
  if (isVector(type)) return (json as Json[]).some((element) => anyField(type.of, element, wanted, holds))
  if (!isRecord(type)) return false
  const object = json as { [name: string]: Json }
  return Object.entries(type.fields).some(([name, field]) => anyField(field, object[name] as Json, wanted, holds))
}
