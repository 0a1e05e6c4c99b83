import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { Der, Tag } from './der.ts'
import type { KeyStore } from './key-store.ts'
import { KeyStoreError } from './key-store-error.ts'

/** What a Java key store begins with. */
export const JKS_MAGIC = 0xfeedfeed
const DIGEST_BYTES = 20
const PRIVATE_KEY = 1
const TRUSTED_CERTIFICATE = 2

/**
 * Reads the format that Java's keytool wrote before Java 9 (sun.security.provider.JavaKeyStore). Keys have the password of
 * the store, as Apache wants it.
 */
export function readJks(bytes: Uint8Array, password: string): KeyStore {
  const input = new Input(bytes)
  input.int()
  const version = input.int()
  if (version !== 1 && version !== 2) throw new KeyStoreError(`version ${version} of the JKS format is not known`)
  const store: KeyStore = { keys: [], certificates: [], trusted: [], revoked: [] }
  const certificate = (): X509Certificate => {
    if (version === 2) input.text()
    return new X509Certificate(input.bytes(input.int()))
  }
  // Each entry takes bytes: a count that is not true ends with them.
  for (let left = input.int(); left > 0; left--) {
    const kind = input.int()
    input.text()
    input.skip(8)
    if (kind === PRIVATE_KEY) {
      const key = unprotect(input.bytes(input.int()), password)
      store.keys.push(createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' }))
      for (let chain = input.int(); chain > 0; chain--) store.certificates.push(certificate())
    } else if (kind === TRUSTED_CERTIFICATE) store.trusted.push(certificate())
    else throw new KeyStoreError('an entry that is neither a key nor a certificate')
  }
  // Without a password nothing can be said about who wrote the file, and Java does not ask then, either.
  if (password !== '') checkDigest(bytes, input.at, password)
  return store
}

function checkDigest(bytes: Uint8Array, end: number, password: string): void {
  const digest = createHash('sha1').update(utf16(password)).update('Mighty Aphrodite').update(bytes.subarray(0, end))
  if (!digest.digest().equals(bytes.subarray(end, end + DIGEST_BYTES))) {
    throw new KeyStoreError('the password is wrong, or the file was changed')
  }
}

/** A key is hidden under a stream of hashes that begins with the password and a salt (sun.security.provider.KeyProtector). */
function unprotect(wrapped: Uint8Array, password: string): Uint8Array {
  const encrypted = Der.read(wrapped).child(1, Tag.OCTET_STRING).content
  const secret = utf16(password)
  const key = Uint8Array.from(encrypted.subarray(DIGEST_BYTES, -DIGEST_BYTES))
  let stream: Uint8Array = encrypted.subarray(0, DIGEST_BYTES)
  for (let i = 0; i < key.length; i++) {
    if (i % DIGEST_BYTES === 0) stream = createHash('sha1').update(secret).update(stream).digest()
    key[i]! ^= stream[i % DIGEST_BYTES]!
  }
  const digest = createHash('sha1').update(secret).update(key).digest()
  if (!digest.equals(encrypted.subarray(-DIGEST_BYTES))) {
    throw new KeyStoreError('the password of a key is not that of the store')
  }
  return key
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16()
}

class Input {
  at = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  int(): number {
    return this.#view.getUint32(this.skip(4))
  }

  text(): void {
    this.skip(this.#view.getUint16(this.skip(2)))
  }

  bytes(length: number): Uint8Array {
    const start = this.skip(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** Returns where the skipped bytes begin. */
  skip(length: number): number {
    const start = this.at
    if (length > this.#bytes.length - start) throw new KeyStoreError('the file ends too early')
    this.at += length
    return start
  }
}
