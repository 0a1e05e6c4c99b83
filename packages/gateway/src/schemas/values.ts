import { isUtf8 } from 'node:buffer'
import type { ACL, Identity as ClientIdentity, Stat as ClientStat, Data } from '@vivarium/client'
import { formatPerms, parsePerms } from '@vivarium/protocol'
import type { Static } from 'typebox'
import { badRequest } from '../http/problem.ts'
import type { Acl, Encoding, Identity, Stat } from './common.ts'
import { sessionText, zxidText } from './texts.ts'

/** A stat as JSON has it: numbers of 64 bits as text. */
export function statValue(stat: ClientStat): Static<typeof Stat> {
  return {
    ...stat,
    czxid: zxidText(stat.czxid),
    mzxid: zxidText(stat.mzxid),
    pzxid: zxidText(stat.pzxid),
    ephemeralOwner: sessionText(stat.ephemeralOwner),
  }
}

export interface DataValue {
  data: string | null
  encoding: Static<typeof Encoding>
}

/** Data as text: as it is where it is text, else in base 64. */
export function dataValue({ data, isNull }: Pick<Data, 'data' | 'isNull'>): DataValue {
  if (isNull) return { data: null, encoding: 'utf8' }
  return isUtf8(data)
    ? { data: data.toString('utf8'), encoding: 'utf8' }
    : { data: data.toString('base64'), encoding: 'base64' }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The bytes that text stands for. @throws {Problem} 400 if it stands for none */
export function dataBytes(
  data: string | null | undefined,
  encoding: Static<typeof Encoding> = 'utf8',
): Buffer | null | undefined {
  if (data === null || data === undefined) return data
  if (encoding === 'utf8') {
    if (/\p{Surrogate}/u.test(data)) throw badRequest('data has half a character (a surrogate that stands alone)')
    return Buffer.from(data, 'utf8')
  }
  if (!BASE64.test(data)) throw badRequest('data is not in base 64')
  return Buffer.from(data, 'base64')
}

export const aclValue = (acl: readonly ACL[]): Static<typeof Acl> =>
  acl.map(({ perms, id }) => ({ perms: formatPerms(perms), scheme: id.scheme ?? '', id: id.id ?? '' }))

export const aclOf = (acl: Static<typeof Acl>): ACL[] =>
  acl.map(({ perms, scheme, id }) => ({ perms: parsePerms(perms) ?? 0, id: { scheme, id } }))

/** In an order of their own: servers name them in various ones. */
export const identityValues = (identities: readonly ClientIdentity[]): Static<typeof Identity>[] =>
  identities
    .map(({ scheme, user }) => ({ scheme, id: user }))
    .sort((a, b) => (`${a.scheme}:${a.id}` < `${b.scheme}:${b.id}` ? -1 : 1))
