import type { FieldType, RecordCodec } from '@vivarium/protocol'
import * as protocol from '@vivarium/protocol'
import { isRecord } from '../golden/revive.ts'

/** Every record the package exports, by name. */
export const ALL_RECORDS: ReadonlyMap<string, RecordCodec<unknown>> = new Map(
  Object.entries(protocol).flatMap(([name, value]) =>
    typeof value === 'object' && 'read' in value && isRecord(value as FieldType<unknown>)
      ? [[name, value as RecordCodec<unknown>] as const]
      : [],
  ),
)
