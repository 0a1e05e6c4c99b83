import { Der, Tag } from './der.ts'

/** The attributes that RFC 2253 has names for (X500Principal.RFC2253). */
const KEYWORDS: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
}

/** PrintableString, T61String, IA5String, GeneralString, UniversalString, BMPString, besides UTF8String. */
const TEXTS = new Set<number>([Tag.UTF8_STRING, 0x13, 0x14, 0x16, 0x1b, 0x1c, 0x1e])

/** Which field of a certificate its subject is, without the version in front, which may be missing. */
const SUBJECT = 4
const VERSION_TAG = 0xa0

/**
 * The name of a certificate's subject as Java's X500Principal.getName writes it, character by character: ACLs that were
 * made by one server have to hold on the other.
 *
 * @param certificate DER
 * @throws {KeyStoreError} if it is none
 * @example x509Subject(certificate) // 'CN=alice,OU=ops,O=acme'
 */
export function x509Subject(certificate: Uint8Array): string {
  const fields = Der.read(certificate).child(0, Tag.SEQUENCE).children()
  const subject = fields[fields[0]?.tag === VERSION_TAG ? SUBJECT + 1 : SUBJECT]
  const names = subject?.children().map((name) => name.children().map(attribute).join('+')) ?? []
  return names.reverse().join(',')
}

function attribute(typeAndValue: Der): string {
  const type = typeAndValue.child(0, Tag.OBJECT_ID).objectId()
  const value = typeAndValue.child(1)
  const keyword = KEYWORDS[type]
  if (keyword === undefined || !TEXTS.has(value.tag)) {
    return `${keyword ?? type}=#${Buffer.from(value.encoded).toString('hex')}`
  }
  return `${keyword}=${escaped(Buffer.from(value.content).toString('utf8'))}`
}

/** Every blank at the beginning and the end is escaped, as are the characters that mean something between values. */
function escaped(text: string): string {
  return text
    .replace(/[,=+<>#;"\\]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/^[ \r]+|[ \r]+$/g, (blanks) => blanks.replace(/./gs, '\\$&'))
}
