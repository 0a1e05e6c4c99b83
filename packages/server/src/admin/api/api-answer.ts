import type { ConsoleView } from './console-view.ts'

/** What a part of the console's API is asked with. */
export type Parameters = ReadonlyMap<string, string>

/** What it is answered with: `body` becomes JSON. */
export interface ApiAnswer {
  readonly status: number
  readonly body: object
}

/** One of the things that can be asked. */
export interface ApiPart {
  /** What follows `/api/v1/server/`. */
  readonly name: string
  /** Whether who asks must be granted everything on the znode `/`. */
  readonly restricted: boolean
  answer(view: ConsoleView, parameters: Parameters): ApiAnswer | Promise<ApiAnswer>
}

export const ok = (body: object): ApiAnswer => ({ status: 200, body })

/** A problem as RFC 9457 has it, with a code for programs. */
export const problem = (status: number, code: string, detail: string): ApiAnswer => ({
  status,
  body: { type: 'about:blank', title: code, status, code, detail },
})

/** The whole number that a parameter gives, no more than `most`. */
export function limitOf(parameters: Parameters, name: string, byDefault: number, most: number): number {
  const given = parameters.get(name) ?? ''
  return /^\d{1,9}$/.test(given) ? Math.min(most, Math.max(1, Number(given))) : byDefault
}

const LONGEST_PATH = 100_000

/** The path that is asked about; null if it is none. */
export function pathOf(parameters: Parameters): string | null {
  const path = parameters.get('path') ?? ''
  return path.startsWith('/') && path.length <= LONGEST_PATH ? path : null
}

/** The session that is asked about; null if it is none. */
export function sessionOf(parameters: Parameters): bigint | null {
  const id = parameters.get('id') ?? ''
  return /^0x[0-9a-f]{1,16}$/i.test(id) ? BigInt.asIntN(64, BigInt(id)) : null
}
