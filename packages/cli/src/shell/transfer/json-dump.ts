import type { ACL } from '@vivarium/client'
import { OPEN_ACL_UNSAFE, parsePerms } from '@vivarium/protocol'
import { aclValue } from '../format/acl.ts'
import { dataValue } from '../format/data.ts'
import type { DumpEncoder, DumpItem } from './dump.ts'
import type { Entry, EntryMode } from './entry.ts'

const VERSION = 1
/** More than the data of any znode takes in base64. */
const LONGEST_LINE = 256 * 1024 * 1024
const MODES: ReadonlySet<string> = new Set<EntryMode>(['PERSISTENT', 'CONTAINER', 'PERSISTENT_WITH_TTL'])

/** A line of JSON for each znode, between one that says what this is and one that says that it is all. */
export const jsonEncoder = (): DumpEncoder => ({
  begin: () => line({ vivarium: 'dump', version: VERSION }),
  entries: (entries) => Buffer.concat(entries.map((entry) => line(entryValue(entry)))),
  end: (znodes, ephemerals) => line({ end: true, znodes, ephemeralsSkipped: ephemerals }),
})

const line = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`)

function entryValue({ path, data, acl, mode, ttlMs }: Entry): Record<string, unknown> {
  return {
    path: path || '/',
    ...dataValue({ data: Buffer.from(data ?? []), isNull: data === null }),
    ...(!isOpen(acl) && { acl: aclValue(acl) }),
    ...(mode !== 'PERSISTENT' && { mode }),
    ...(ttlMs !== null && { ttlMs }),
  }
}

const isOpen = (acl: readonly ACL[]): boolean => JSON.stringify(acl) === JSON.stringify(OPEN_ACL_UNSAFE)

/** @throws {Error} that says in which line something is wrong */
export async function* decodeJson(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<DumpItem, void, undefined> {
  let number = 0
  for await (const text of linesOf(chunks)) {
    number++
    try {
      const value: unknown = JSON.parse(text)
      if (typeof value !== 'object' || value === null) throw new Error('an object is wanted')
      if (number === 1) checkHeader(value)
      else yield itemOf(value)
    } catch (error) {
      throw new Error(`line ${number}: ${(error as Error).message}`)
    }
  }
}

function checkHeader(value: object): void {
  if (!('vivarium' in value) || value.vivarium !== 'dump') throw new Error('this is no dump')
  if (!('version' in value) || value.version !== VERSION) throw new Error('the dump is of another version')
}

function itemOf(value: Record<string, unknown> | object): DumpItem {
  const { end, znodes, path, data, base64, acl, mode = 'PERSISTENT', ttlMs = null } = value as Record<string, unknown>
  if (end === true) return { end: true, znodes: typeof znodes === 'number' ? znodes : 0 }
  if (typeof path !== 'string' || !path.startsWith('/')) throw new Error('a path is wanted')
  if (typeof mode !== 'string' || !MODES.has(mode)) throw new Error(`${JSON.stringify(mode)} is no mode`)
  if (ttlMs !== null && typeof ttlMs !== 'number') throw new Error('ttlMs is no number')
  return {
    path: path === '/' ? '' : path,
    data: typeof base64 === 'string' ? Buffer.from(base64, 'base64') : textOf(data),
    acl: acl === undefined ? OPEN_ACL_UNSAFE : aclOf(acl),
    mode: mode as EntryMode,
    ttlMs,
  }
}

function textOf(data: unknown): Uint8Array | null {
  if (data === null) return null
  if (typeof data !== 'string') throw new Error('data or base64 is wanted')
  return Buffer.from(data)
}

function aclOf(value: unknown): ACL[] {
  if (!Array.isArray(value)) throw new Error('acl is no list')
  return value.map((entry: unknown) => {
    const { scheme, id, perms } = (entry ?? {}) as Record<string, unknown>
    const bits = typeof perms === 'string' ? parsePerms(perms) : undefined
    if (typeof scheme !== 'string' || typeof id !== 'string' || bits === undefined) {
      throw new Error('an entry of an acl needs scheme, id and perms')
    }
    return { perms: bits, id: { scheme, id } }
  })
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  let parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      const text = Buffer.concat([...parts, chunk.subarray(from, at)]).toString('utf8')
      parts = []
      length = 0
      from = at + 1
      if (text.trim() !== '') yield text
    }
    parts.push(Uint8Array.from(chunk.subarray(from)))
    length += chunk.length - from
    if (length > LONGEST_LINE) throw new Error('a line is too long')
  }
  const rest = Buffer.concat(parts).toString('utf8')
  if (rest.trim() !== '') yield rest
}
