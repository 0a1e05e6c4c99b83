import type { Data } from '../api/types.ts'

/** The bytes of data as it came over HTTP. */
export function bytesOf({ data, encoding }: Data): Uint8Array {
  if (data === null) return new Uint8Array(0)
  if (encoding === 'utf8') return new TextEncoder().encode(data)
  return Uint8Array.from(atob(data), (character) => character.charCodeAt(0))
}

const PER_LINE = 16

/** `00000010  48 65 6c 6c 6f …  Hello…`, line by line. @param most lines at most */
export function hexLines(bytes: Uint8Array, most: number): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.length && lines.length < most; at += PER_LINE) {
    const part = Array.from(bytes.subarray(at, at + PER_LINE))
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0'))
    const left = hex.slice(0, 8).join(' ').padEnd(23)
    const right = hex.slice(8).join(' ').padEnd(23)
    const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${left}  ${right}  ${text}`)
  }
  return lines
}

/** Bytes that were written down in hex, with whatever space between; null if they are none. */
export function parseHex(text: string): Uint8Array | null {
  const digits = text.replace(/\s+/g, '')
  if (!/^([0-9a-f]{2})*$/i.test(digits)) return null
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** `48 65 6c …`, to be edited. */
export const formatHex = (bytes: Uint8Array): string =>
  hexLines(bytes, Number.POSITIVE_INFINITY)
    .map((line) => line.slice(10, 58).replace(/ +/g, ' ').trim())
    .join('\n')

export const toBase64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
