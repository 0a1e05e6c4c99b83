import { signal } from '@preact/signals'
import type { Identity } from './types.ts'

/** Who is signed in. The password is kept in memory, and nowhere else: it is gone when the page is. */
export interface Account {
  readonly user: string
  readonly authorization: string
  readonly identities: readonly Identity[]
}

/** Null while nobody is signed in: the console then only reads. */
export const account = signal<Account | null>(null)

/** The header that tells who asks: the bytes of user and password are UTF-8. */
export function basicAuthorization(user: string, password: string): string {
  const bytes = new TextEncoder().encode(`${user}:${password}`)
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`
}
