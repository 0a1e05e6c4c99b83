import { Problem } from './problem.ts'

/** Longer credentials are nobody's. */
const MOST_CHARACTERS = 1024
const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i

/**
 * `user:password` of an `Authorization` header, which is an identity of the scheme digest; null for nobody in particular.
 *
 * @throws {Problem} 401, if there is a header that says something else
 */
export function credentialsOf(authorization: string | undefined): string | null {
  if (authorization === undefined) return null
  const encoded = authorization.length <= MOST_CHARACTERS ? BASIC.exec(authorization)?.[1] : undefined
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8')
  if (text.indexOf(':') > 0) return text
  throw new Problem(
    401,
    'Unauthorized',
    'Authorization is to be Basic, with the user and password of a digest identity',
    {},
    { 'www-authenticate': 'Basic realm="ZooKeeper digest", charset="UTF-8"' },
  )
}
