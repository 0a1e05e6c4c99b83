import type { RawClient } from './raw-client.ts'
import type { Acl, Stat } from './records.ts'

/** A znode as a client sees it. */
export interface ZnodeState {
  path: string
  /** `null` where the client may not read it. */
  content: { data: Buffer | null; stat: Stat } | null
  acl: Acl[] | null
}

const AT_ONCE = 256

/** Every znode the client can reach, in the order of paths, reading many at once. */
export async function walkTree(client: RawClient): Promise<ZnodeState[]> {
  const found: ZnodeState[] = []
  let level = ['/']
  while (level.length > 0) {
    const next: string[] = []
    for (let at = 0; at < level.length; at += AT_ONCE) {
      await Promise.all(
        level.slice(at, at + AT_ONCE).map(async (path) => {
          const [content, acl, children] = await Promise.all([
            client.getData(path).catch(() => null),
            client.getAcl(path).catch(() => null),
            client.getChildren(path).catch(() => []),
          ])
          found.push({ path, content, acl: acl?.acl ?? null })
          for (const name of children) next.push(path === '/' ? `/${name}` : `${path}/${name}`)
        }),
      )
    }
    level = next
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/**
 * A znode as one line of text, everything in it.
 *
 * @param names how zxids, times, owners and lists are written; by default as they are
 */
export function describeZnode(
  znode: ZnodeState,
  names: {
    zxid?(zxid: bigint): string
    time?(zxid: bigint, time: bigint): string
    owner?(id: bigint): string
    acl?(acl: Acl[]): Acl[]
  } = {},
): string {
  const acl = znode.acl === null ? 'unreadable' : describeAcl(names.acl?.(znode.acl) ?? znode.acl)
  if (znode.content === null) return `${JSON.stringify(znode.path)} unreadable acl=[${acl}]`
  const { data, stat } = znode.content
  const zxid = names.zxid ?? ((value) => `0x${value.toString(16)}`)
  const time = names.time ?? ((_zxid, value) => String(value))
  const owner = names.owner ?? ((value) => `0x${BigInt.asUintN(64, value).toString(16)}`)
  return [
    JSON.stringify(znode.path),
    `data=${describeData(data)}`,
    `acl=[${acl}]`,
    `czxid=${zxid(stat.czxid)} mzxid=${zxid(stat.mzxid)} pzxid=${zxid(stat.pzxid)}`,
    `ctime=${time(stat.czxid, stat.ctime)} mtime=${time(stat.mzxid, stat.mtime)}`,
    `version=${stat.version} cversion=${stat.cversion} aversion=${stat.aversion}`,
    `owner=${owner(stat.ephemeralOwner)} dataLength=${stat.dataLength} numChildren=${stat.numChildren}`,
  ].join(' ')
}

export function describeAcl(acl: readonly Acl[]): string {
  return acl.map((entry) => `${entry.perms}:${entry.scheme}:${entry.id}`).join(' ')
}

/** Data as text where it is printable and short, otherwise its length and its first bytes in hex. */
export function describeData(data: Buffer | null): string {
  if (data === null) return 'null'
  const text = data.toString('latin1')
  if (data.length <= 80 && /^[ -~]*$/.test(text)) return JSON.stringify(text)
  if (data.length <= 80) return `0x${data.toString('hex')}`
  let hash = 0
  for (const byte of data) hash = (Math.imul(hash, 31) + byte) | 0
  return `${data.length} bytes 0x${data.toString('hex', 0, 32)}… #${(hash >>> 0).toString(16)}`
}

/** The lines in which two walks differ, as `- theirs` and `+ ours`. */
export function differences(theirs: readonly string[], ours: readonly string[]): string[] {
  const inTheirs = new Set(theirs)
  const inOurs = new Set(ours)
  return [
    ...theirs.filter((line) => !inOurs.has(line)).map((line) => `- ${line}`),
    ...ours.filter((line) => !inTheirs.has(line)).map((line) => `+ ${line}`),
  ].sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1))
}
