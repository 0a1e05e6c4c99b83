import { createDecipheriv, createHash, createHmac, createPrivateKey, pbkdf2Sync, X509Certificate } from 'node:crypto'
import { Der, Tag } from './der.ts'
import type { KeyStore } from './key-store.ts'
import { KeyStoreError } from './key-store-error.ts'

const Id = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  /** Java's mark of a certificate that is trusted (PKCS12KeyStore). */
  trusted: '2.16.840.1.113894.746875.1.1',
  pbes2: '1.2.840.113549.1.5.13',
  shaAnd3Des: '1.2.840.113549.1.12.1.3',
} as const

/** Ciphers of PBES2, with the lengths of their keys. */
const CIPHERS: Readonly<Record<string, readonly [name: string, keyBytes: number]>> = {
  '1.2.840.113549.3.7': ['des-ede3-cbc', 24],
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16],
  '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 24],
  '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 32],
}

const HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}

/** More rounds than this are no protection, but an attack on whoever opens the file. */
const MOST_ROUNDS = 10_000_000

/** What a key that is derived is for (RFC 7292, B.3). */
const Purpose = { KEY: 1, IV: 2, MAC: 3 } as const

/** Reads the format of `.p12` and `.pfx` files (RFC 7292), as Java's keytool and OpenSSL write it. */
export function readPkcs12(bytes: Uint8Array, password: string): KeyStore {
  const [, safe, mac] = Der.read(bytes).children()
  if (safe === undefined || safe.child(0).objectId() !== Id.data) {
    throw new KeyStoreError('it is protected by a certificate, not by a password')
  }
  const content = safe.child(1).child(0, Tag.OCTET_STRING).content
  if (mac !== undefined) checkMac(mac, content, password)
  const bags = Der.read(content)
    .children()
    .flatMap((info) => Der.read(openContent(info, password)).children())
  const store: KeyStore = { keys: [], certificates: [], trusted: [], revoked: [] }
  const certificates: { readonly certificate: X509Certificate; readonly marked: boolean }[] = []
  for (const bag of bags) {
    const value = bag.child(1).child(0)
    switch (bag.child(0).objectId()) {
      case Id.keyBag:
      case Id.shroudedKeyBag: {
        const key = { key: Buffer.from(value.encoded), format: 'der', type: 'pkcs8', passphrase: password } as const
        store.keys.push(createPrivateKey(key))
        break
      }
      case Id.certificateBag: {
        const certificate = new X509Certificate(value.child(1).child(0, Tag.OCTET_STRING).content)
        const attributes = bag.children()[2]?.children() ?? []
        const marked = attributes.some((attribute) => attribute.child(0).objectId() === Id.trusted)
        certificates.push({ certificate, marked })
      }
    }
  }
  // OpenSSL marks none: then all are meant.
  const anyMarked = certificates.some(({ marked }) => marked)
  for (const { certificate, marked } of certificates) {
    store.certificates.push(certificate)
    if (marked || !anyMarked) store.trusted.push(certificate)
  }
  return store
}

function openContent(info: Der, password: string): Uint8Array {
  const value = info.child(1).child(0)
  switch (info.child(0).objectId()) {
    case Id.data:
      return value.content
    case Id.encryptedData: {
      const encrypted = value.child(1)
      return decrypt(encrypted.child(1), encrypted.child(2).content, password)
    }
    default:
      throw new KeyStoreError('a part that is protected by a certificate, not by a password')
  }
}

function decrypt(algorithm: Der, encrypted: Uint8Array, password: string): Uint8Array {
  const { cipher, key, iv } = cipherOf(algorithm, password)
  try {
    const decipher = createDecipheriv(cipher, key, iv)
    return Buffer.concat([decipher.update(encrypted), decipher.final()])
  } catch (error) {
    throw new KeyStoreError('the password is wrong', { cause: error })
  }
}

function cipherOf(algorithm: Der, password: string): { cipher: string; key: Uint8Array; iv: Uint8Array } {
  const id = algorithm.child(0).objectId()
  const parameters = algorithm.child(1, Tag.SEQUENCE)
  if (id === Id.shaAnd3Des) {
    const salt = parameters.child(0, Tag.OCTET_STRING).content
    const rounds = roundsOf(parameters.child(1))
    const derived = (purpose: number, bytes: number): Uint8Array =>
      derive('sha1', password, salt, rounds, purpose, bytes)
    return { cipher: 'des-ede3-cbc', key: derived(Purpose.KEY, 24), iv: derived(Purpose.IV, 8) }
  }
  if (id !== Id.pbes2) {
    throw new KeyStoreError(
      `it is encrypted in a way that was given up as too weak (${id}); write it anew, with Java 17's keytool or OpenSSL 3`,
    )
  }
  const derivation = parameters.child(0).child(1, Tag.SEQUENCE)
  const scheme = parameters.child(1)
  const [name, keyBytes] = CIPHERS[scheme.child(0).objectId()] ?? []
  const [salt, count, ...rest] = derivation.children()
  const pseudorandom = rest
    .find(({ tag }) => tag === Tag.SEQUENCE)
    ?.child(0)
    .objectId()
  const hash = pseudorandom === undefined ? 'sha1' : HASHES[pseudorandom]
  if (name === undefined || keyBytes === undefined || hash === undefined || salt === undefined || count === undefined) {
    throw new KeyStoreError('it is encrypted in a way that is not known')
  }
  const key = pbkdf2Sync(password, salt.content, roundsOf(count), keyBytes, hash)
  return { cipher: name, key, iv: scheme.child(1, Tag.OCTET_STRING).content }
}

function checkMac(mac: Der, content: Uint8Array, password: string): void {
  const [info, salt, rounds] = mac.children()
  const hash = HASHES[info?.child(0).child(0).objectId() ?? '']
  if (info === undefined || salt === undefined || hash === undefined) {
    throw new KeyStoreError('its integrity is protected in a way that is not known')
  }
  const bytes = createHash(hash).digest().length
  const key = derive(hash, password, salt.content, rounds === undefined ? 1 : roundsOf(rounds), Purpose.MAC, bytes)
  if (!createHmac(hash, key).update(content).digest().equals(info.child(1).content)) {
    throw new KeyStoreError('the password is wrong, or the file was changed')
  }
}

function roundsOf(value: Der): number {
  const rounds = value.number()
  if (rounds < 1 || rounds > MOST_ROUNDS) throw new KeyStoreError(`${rounds} rounds of hashing`)
  return rounds
}

/** Derives a key from a password, as RFC 7292 does it in its appendix B.2; its letters are those used there. */
function derive(
  hash: string,
  password: string,
  salt: Uint8Array,
  rounds: number,
  purpose: number,
  bytes: number,
): Buffer {
  const v = hash === 'sha1' || hash === 'sha256' ? 64 : 128
  const fill = (text: Uint8Array): Buffer => Buffer.alloc(Math.ceil(text.length / v) * v, text)
  const i = Buffer.concat([
    salt.length === 0 ? Buffer.alloc(0) : fill(salt),
    fill(Buffer.from(`${password}\0`, 'utf16le').swap16()),
  ])
  const derived: Buffer[] = []
  for (let length = 0; length < bytes; ) {
    let a = createHash(hash).update(Buffer.alloc(v, purpose)).update(i).digest()
    for (let round = 1; round < rounds; round++) a = createHash(hash).update(a).digest()
    derived.push(a)
    length += a.length
    const b = Buffer.alloc(v, a)
    for (let block = 0; block < i.length; block += v) addOneAnd(i.subarray(block, block + v), b)
  }
  return Buffer.concat(derived).subarray(0, bytes)
}

/** `number` becomes `number + addend + 1`, of as many bytes. */
function addOneAnd(number: Uint8Array, addend: Uint8Array): void {
  let carry = 1
  for (let at = number.length - 1; at >= 0; at--) {
    carry += number[at]! + addend[at]!
    number[at] = carry
    carry >>= 8
  }
}
