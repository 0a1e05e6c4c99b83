import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { JKS_MAGIC, readJks } from './jks.ts'
import { KeyStoreError } from './key-store-error.ts'
import { pemBlocks } from './pem.ts'
import { readPkcs12 } from './pkcs12.ts'

/** What a file of keys and certificates has in it. */
export interface KeyStore {
  readonly keys: KeyObject[]
  /** Of the keys, and of those who vouch for them. */
  readonly certificates: X509Certificate[]
  /** Of those who are believed when they vouch for peers. */
  readonly trusted: X509Certificate[]
  /** Lists of revoked certificates, in PEM. */
  readonly revoked: string[]
}

/** The own certificate with the chain of those that vouch for it, and the key: PEM. */
export interface KeyPair {
  readonly certificates: string
  readonly key: string
}

/**
 * Reads a key store or trust store: PEM, PKCS#12 or JKS, told apart by how they begin.
 *
 * @throws {KeyStoreError}
 */
export function readKeyStore(bytes: Uint8Array, password: string): KeyStore {
  try {
    if (bytes.length >= 4 && Buffer.from(bytes).readUInt32BE(0) === JKS_MAGIC) return readJks(bytes, password)
    if (bytes[0] === 0x30) return readPkcs12(bytes, password)
    return readPem(Buffer.from(bytes).toString('latin1'), password)
  } catch (error) {
    if (error instanceof KeyStoreError) throw error
    throw new KeyStoreError((error as Error).message, { cause: error })
  }
}

function readPem(text: string, password: string): KeyStore {
  const blocks = pemBlocks(text)
  if (blocks.length === 0) throw new KeyStoreError('it is neither PEM nor PKCS#12 nor JKS')
  const labelled = (pattern: RegExp): string[] =>
    blocks.filter(({ label }) => pattern.test(label)).map(({ text }) => text)
  const certificates = labelled(/^(?:X509 |TRUSTED )?CERTIFICATE$/).map((block) => new X509Certificate(block))
  const keys = labelled(/PRIVATE KEY$/).map((key) => createPrivateKey({ key, passphrase: password }))
  return { keys, certificates, trusted: certificates, revoked: labelled(/^X509 CRL$/) }
}

/**
 * The first key of a store, with its certificate and the chain of those that vouch for it.
 *
 * @throws {KeyStoreError} if there is none
 */
export function keyPairOf({ keys, certificates }: KeyStore): KeyPair {
  const [key] = keys
  if (key === undefined) throw new KeyStoreError('there is no private key in it')
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key))
  if (own === undefined) throw new KeyStoreError('there is no certificate for its private key in it')
  const chain = [own]
  for (let last = own; ; ) {
    const issuer = certificates.find((other) => !chain.includes(other) && last.checkIssued(other))
    if (issuer === undefined) break
    chain.push(issuer)
    last = issuer
  }
  return { certificates: chain.join(''), key: key.export({ type: 'pkcs8', format: 'pem' }).toString() }
}
