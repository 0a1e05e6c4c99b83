import { createHash } from 'node:crypto'

/** The id of the digest scheme for `user:password`, as `DigestAuthenticationProvider.generateDigest` makes it. */
export function digestId(userAndPassword: string): string {
  const user = userAndPassword.split(':', 1)[0]
  return `${user}:${createHash('sha1').update(userAndPassword).digest('base64')}`
}
