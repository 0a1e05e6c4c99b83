import { createDecipheriv, pbkdf2Sync } from 'node:crypto'
import { type DerValue, derNumber, derObjectId, derParts, derValues, OCTET_STRING, SEQUENCE } from './der.ts'

const DATA = '1.2.840.113549.1.7.1'
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6'
const PBES2 = '1.2.840.113549.1.5.13'
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3'
const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.11': 'sha512',
}
const CIPHERS: Readonly<Record<string, readonly [name: string, keyBytes: number]>> = {
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16],
  '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 24],
  '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 32],
}
/** More would keep us busy for seconds. */
const MOST_ITERATIONS = 1_000_000

/**
 * The certificates in a PKCS#12 store (RFC 7292), in DER: what a trust store of Java's has, which Node.js cannot read for
 * lack of a key in it. The store's own checksum is not compared: whoever can write to it can make another.
 *
 * @returns a sentence if it cannot be read
 */
export function pkcs12Certificates(bytes: Uint8Array, password: string): Uint8Array[] | string {
  try {
    const [, authSafe] = derParts(derValues(bytes)[0], 2)
    const safes = derValues(contentOf(authSafe, password))
    const certificates = derParts(safes[0], 0).flatMap((safe) => certificatesIn(contentOf(safe, password)))
    return certificates.length > 0 ? certificates : 'there are no certificates in this store'
  } catch (error) {
    return `this is no PKCS#12 store that can be read (${(error as Error).message})`
  }
}

/** What a ContentInfo has, decrypted. */
function contentOf(info: DerValue | undefined, password: string): Uint8Array {
  const [type, wrapped] = derParts(info, 2)
  const [content] = derParts(wrapped, 1)
  switch (derObjectId(type)) {
    case DATA:
      return content?.content ?? new Uint8Array(0)
    case ENCRYPTED_DATA: {
      const [, encrypted] = derParts(content, 2)
      const [, algorithm, bytes] = derParts(encrypted, 3)
      return decrypt(algorithm, bytes?.content ?? new Uint8Array(0), password)
    }
    default:
      throw new Error('it is protected by a key')
  }
}

function decrypt(algorithm: DerValue | undefined, bytes: Uint8Array, password: string): Uint8Array {
  const [id, parameters] = derParts(algorithm, 2)
  if (derObjectId(id) !== PBES2)
    throw new Error('it is encrypted in a manner of before PBES2; current tools write it anew')
  const [derivation, encryption] = derParts(parameters, 2)
  const [salt, iterations, ...rest] = derParts(derParts(derivation, 2)[1], 2)
  const prf = rest.find(({ tag }) => tag === SEQUENCE)
  const hash = prf === undefined ? 'sha1' : HASHES[derObjectId(derParts(prf, 1)[0])]
  const [cipherId, iv] = derParts(encryption, 2)
  const cipher = CIPHERS[derObjectId(cipherId)]
  const count = derNumber(iterations)
  if (
    hash === undefined ||
    cipher === undefined ||
    salt?.tag !== OCTET_STRING ||
    count < 1 ||
    count > MOST_ITERATIONS
  ) {
    throw new Error('it is encrypted in an unknown manner')
  }
  const key = pbkdf2Sync(password, salt.content, count, cipher[1], hash)
  const decipher = createDecipheriv(cipher[0], key, iv?.content ?? new Uint8Array(0))
  try {
    return Buffer.concat([decipher.update(bytes), decipher.final()])
  } catch {
    throw new Error('the password is wrong')
  }
}

/** The certificates among SafeContents. */
function certificatesIn(contents: Uint8Array): Uint8Array[] {
  return derParts(derValues(contents)[0], 0).flatMap((bag) => {
    const [type, wrapped] = derParts(bag, 2)
    if (derObjectId(type) !== CERTIFICATE_BAG) return []
    const [, value] = derParts(derParts(wrapped, 1)[0], 2)
    const [certificate] = derParts(value, 1)
    return certificate?.tag === OCTET_STRING ? [certificate.content] : []
  })
}
