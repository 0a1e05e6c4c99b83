import { type KeyObject, verify } from 'node:crypto'
import type { Der } from '../der.ts'
import { KeyStoreError } from '../key-store-error.ts'

/** What signs certificates, and what is said about them: the hash by the signature's algorithm. Null: the key's own. */
const HASHES: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
  '1.3.101.113': null,
}

/** Whether a key has made this signature. @throws {KeyStoreError} where it is of a kind that is not believed */
export function isSigned(data: Der, algorithm: Der, signature: Uint8Array, key: KeyObject): boolean {
  const id = algorithm.child(0).objectId()
  const hash = HASHES[id]
  if (hash === undefined) throw new KeyStoreError(`a signature by the algorithm ${id}`)
  try {
    return verify(hash, data.encoded, key, signature)
  } catch {
    return false // The key is of another kind.
  }
}

const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18

/** Milliseconds since 1970, of a UTCTime or a GeneralizedTime. @throws {KeyStoreError} if it is none */
export function timeOf(value: Der): number {
  const text = Buffer.from(value.content).toString('latin1')
  const full = value.tag === UTC_TIME ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(full) ?? []
  if (parts.length === 0 || (value.tag !== UTC_TIME && value.tag !== GENERALIZED_TIME)) {
    throw new KeyStoreError('a time that is none')
  }
  const [year, month, day, hour, minute, second] = parts.map(Number) as [number, number, number, number, number, number]
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

export const isTime = ({ tag }: Der): boolean => tag === UTC_TIME || tag === GENERALIZED_TIME

/** Clocks may differ by so much (RevocationChecker.MAX_CLOCK_SKEW). */
const SKEW_MS = 15 * 60_000

/** Whether what was said at one time, and holds until another, holds now. */
export const isCurrent = (thisUpdateMs: number, nextUpdateMs: number, nowMs: number): boolean =>
  thisUpdateMs <= nowMs + SKEW_MS && nowMs - SKEW_MS <= nextUpdateMs
