import { STATUS_CODES } from 'node:http'
import type { ACL } from '@vivarium/protocol'
import type { ConsoleView } from './console-view.ts'

/** What a part of the console's API is asked with. */
export type Parameters = ReadonlyMap<string, string>

/** What the one who asks may see: nobody learns more here than as a client. */
export interface Sight {
  /** Whether the access control list of a znode, or of the last one above it that is there, lets it be read. */
  reads(path: string): boolean
  /** Whether it is a child that may be listed. */
  lists(path: string): boolean
  /** Whether a list that a znode has had would have let it be read. */
  allows(acl: readonly ACL[]): boolean
}

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
  answer(view: ConsoleView, parameters: Parameters, sight: Sight): ApiAnswer | Promise<ApiAnswer>
}

export const ok = (body: object): ApiAnswer => ({ status: 200, body })

/** A problem as RFC 9457 has it, with a code for programs. */
export const problem = (status: number, code: string, detail: string): ApiAnswer => ({
  status,
  body: { type: 'about:blank', title: STATUS_CODES[status], status, code, detail },
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
