import { readFileSync } from 'node:fs'
import type { TlsConnectOptions } from '@vivarium/client'
import { CliError } from '../failure.ts'
import { pkcs12Certificates } from './pkcs12.ts'

/** A key store or trust store of Java's. */
export interface Store {
  readonly location: string
  readonly password: string
  readonly type: string
}

/** What cannot be read or is not supported is an error of the command line. */
export const refuse = (message: string): CliError => new CliError(message, 2)

const HOW = 'keytool -importkeystore -srckeystore STORE -destkeystore STORE.p12 -deststoretype PKCS12 makes one that is'

/** The own certificate with its key. @throws {CliError} */
export function keyStore(store: Store | undefined): TlsConnectOptions {
  if (store === undefined) return {}
  const { password: passphrase, location } = store
  switch (kindOf(store)) {
    case 'PEM':
      return { certFile: location, keyFile: location, ...(passphrase !== '' && { passphrase }) }
    default:
      return { pfxFile: location, passphrase }
  }
}

/** The certificates of those who are trusted. @throws {CliError} */
export function trustStore(store: Store | undefined): TlsConnectOptions {
  if (store === undefined) return {}
  if (kindOf(store) === 'PEM') return { caFile: store.location }
  const certificates = pkcs12Certificates(read(store), store.password)
  if (typeof certificates === 'string') throw refuse(`${store.location}: ${certificates}`)
  const pem = certificates.map(
    (der) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`,
  )
  return { ca: pem.join('') }
}

/** By the content rather than by the name where that is possible: what is called JKS often is PKCS#12 since Java 9. */
function kindOf(store: Store): 'PEM' | 'PKCS12' {
  const bytes = read(store)
  if (store.type === 'PEM') return 'PEM'
  if (bytes.length > 4 && bytes.readUInt32BE(0) === 0xfeedfeed)
    throw refuse(`${store.location} is a JKS store, which is not supported; ${HOW}`)
  if (store.type === 'PKCS12' || store.type === 'JKS') return 'PKCS12'
  throw refuse(`${store.location}: stores of type ${store.type} are not supported; ${HOW}`)
}

function read({ location }: Store): Buffer {
  try {
    return readFileSync(location)
  } catch (error) {
    throw refuse(`a store cannot be read: ${(error as Error).message}`)
  }
}
