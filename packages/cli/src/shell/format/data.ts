import type { Data } from '@vivarium/client'

/** A znode's data for programs: as text where it is UTF-8, in base64 otherwise; null if there is none. */
export type DataValue = { readonly data: string | null } | { readonly base64: string }

export function dataValue({ data, isNull }: Pick<Data, 'data' | 'isNull'>): DataValue {
  if (isNull) return { data: null }
  try {
    return { data: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data) }
  } catch {
    return { base64: data.toString('base64') }
  }
}
