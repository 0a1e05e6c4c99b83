import { readFileSync } from 'node:fs'
import type { TlsConnectOptions } from '@vivarium/client'
import { type KeyStore, KeyStoreError, keyPairOf, readKeyStore } from '@vivarium/server'
import { CliError } from '../failure.ts'

/** A key store or trust store of Java's: PEM, PKCS#12 or JKS, told apart by how it begins. */
export interface Store {
  readonly location: string
  readonly password: string
}

/** What cannot be read or is not supported is an error of the command line. */
export const refuse = (message: string): CliError => new CliError(message, 2)

/** The own certificate with its key. @throws {CliError} */
export function keyStore(store: Store | undefined): Pick<TlsConnectOptions, 'cert' | 'key'> {
  if (store === undefined) return {}
  const { certificates: cert, key } = read(store, keyPairOf)
  return { cert, key }
}

/** The certificates of those who are trusted. @throws {CliError} */
export function trustStore(store: Store | undefined): Pick<TlsConnectOptions, 'ca'> {
  if (store === undefined) return {}
  const { trusted } = read(store, (found) => found)
  if (trusted.length === 0) throw refuse(`${store.location}: there are no certificates to trust in it`)
  return { ca: trusted.join('') }
}

function read<T>({ location, password }: Store, take: (store: KeyStore) => T): T {
  try {
    return take(readKeyStore(readFileSync(location), password))
  } catch (error) {
    const isSystemError = typeof (error as NodeJS.ErrnoException).syscall === 'string'
    if (!(error instanceof KeyStoreError || isSystemError)) throw error
    throw refuse(`${location} cannot be read: ${(error as Error).message}`)
  }
}
