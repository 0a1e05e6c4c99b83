import { createHash } from 'node:crypto'

/**
 * The id that `user:password` stands for in an access control list of scheme `digest`: the user, a colon, and the hash
 * of the whole in base 64 (DigestAuthenticationProvider.generateDigest).
 *
 * @param algorithm as Node names it; the default is that of `zookeeper.DigestAuthenticationProvider.digestAlg`
 * @example
 * digestId('super:test') // 'super:D/InIHSb7yEEbrWz8b9l71RjZJU='
 */
export function digestId(userPassword: string, algorithm = 'sha1'): string {
  // Java's getBytes(UTF_8) makes a question mark of a surrogate that stands alone.
  const bytes = userPassword.replace(/\p{Surrogate}/gu, '?')
  return `${digestUser(userPassword)}:${createHash(algorithm).update(bytes, 'utf8').digest('base64')}`
}

/** The user of `user:password`, or of an id of scheme `digest`: all before the first colon. */
export function digestUser(id: string): string {
  const colon = id.indexOf(':')
  return colon === -1 ? id : id.slice(0, colon)
}
