import { AclList, JuteError, OpCode, Perm, type Reader, readUtf8, type Writer } from '@vivarium/protocol'
import { redactAcl } from '../auth/index.ts'
import type { KeeperExtensions } from '../keeper/extensions.ts'
import { systemNodeChildren, systemNodeData, writeSystemStat } from '../keeper/system-nodes.ts'
import type { Client } from '../pipeline/client.ts'
import type { Database } from '../pipeline/database.ts'
import { NONE } from '../tree/index.ts'
import type { ReadResult } from './types.ts'

/** Where the path of the request that is being read stands in its bytes; single-threaded, so one will do. */
let pathStart = 0
let pathEnd = 0

/** Steps over a path without making a string of it. */
function readPath(request: Reader): void {
  const length = request.int()
  if (length < 0 || length > request.end - request.offset) throw new JuteError('a path is null or cut off')
  pathStart = request.offset
  pathEnd = pathStart + length
  request.offset = pathEnd
}

function pathText(request: Reader): string {
  return readUtf8(request.bytes, pathStart, pathEnd)
}

function writeStat(database: Database, node: number, reply: Writer): void {
  reply.ensure(68)
  database.tree.writeStat(node, reply.bytes, reply.length)
  reply.length += 68
}

/** Data as a reply has it: null apart from empty. */
export function writeData(database: Database, node: number, reply: Writer): void {
  const length = database.tree.dataLength(node)
  reply.int(database.tree.dataIsNull(node) ? -1 : length)
  reply.ensure(length)
  database.tree.copyData(node, reply.bytes, reply.length)
  reply.length += length
}

/** Java counts the names of children in characters. @param at where the list begins in the reply */
function countNames(request: Reader, database: Database, node: number, reply: Writer, at: number): void {
  const names = reply.length - at - 4 * (1 + database.tree.childCount(node))
  database.traffic?.read(request.bytes, pathStart, pathEnd, names)
}

export function exists(request: Reader, database: Database, client: Client, reply: Writer): ReadResult {
  readPath(request)
  const watch = request.bool()
  for (let i = pathStart; i < pathEnd; i++) if (request.bytes[i] === 0) return 'BADARGUMENTS'
  const node = database.tree.lookup(request.bytes, pathStart, pathEnd)
  if (node !== NONE && !database.allows(client, node, Perm.READ)) return 'NOAUTH'
  // Set even where there is no znode: it then waits for the creation.
  if (watch && database.watches.isFull(client)) return 'QUOTAEXCEEDED'
  if (watch) database.watches.addDataWatch(pathText(request), client)
  if (node === NONE) return database.keeper === null ? 'NONODE' : systemNode(request, database.keeper, reply, 'stat')
  writeStat(database, node, reply)
  database.traffic?.read(request.bytes, pathStart, pathEnd, 0)
  return 'OK'
}

export function getData(request: Reader, database: Database, client: Client, reply: Writer): ReadResult {
  readPath(request)
  const watch = request.bool()
  const node = database.tree.lookup(request.bytes, pathStart, pathEnd)
  if (node === NONE) return database.keeper === null ? 'NONODE' : systemNode(request, database.keeper, reply, 'data')
  if (!database.allows(client, node, Perm.READ)) return 'NOAUTH'
  if (watch && database.watches.isFull(client)) return 'QUOTAEXCEEDED'
  if (watch) database.watches.addDataWatch(pathText(request), client)
  database.traffic?.read(request.bytes, pathStart, pathEnd, database.tree.dataLength(node))
  writeData(database, node, reply)
  writeStat(database, node, reply)
  return 'OK'
}

export function getChildren(request: Reader, database: Database, client: Client, reply: Writer): ReadResult {
  return children(request, database, client, reply, false)
}

export function getChildren2(request: Reader, database: Database, client: Client, reply: Writer): ReadResult {
  return children(request, database, client, reply, true)
}

function children(request: Reader, database: Database, client: Client, reply: Writer, withStat: boolean): ReadResult {
  readPath(request)
  const watch = request.bool()
  const node = database.tree.lookup(request.bytes, pathStart, pathEnd)
  if (node === NONE) {
    const part = withStat ? 'children and stat' : 'children'
    return database.keeper === null ? 'NONODE' : systemNode(request, database.keeper, reply, part)
  }
  if (!database.allows(client, node, Perm.READ)) return 'NOAUTH'
  if (watch && database.watches.isFull(client)) return 'QUOTAEXCEEDED'
  if (watch) database.watches.addChildWatch(pathText(request), client)
  const at = reply.length
  database.tree.writeChildren(node, reply)
  if (database.traffic !== null) countNames(request, database, node, reply, at)
  if (withStat) writeStat(database, node, reply)
  return 'OK'
}

/** Answers for a znode that is in no tree, or with NONODE; it never changes, so no watch is set. */
function systemNode(
  request: Reader,
  keeper: KeeperExtensions,
  reply: Writer,
  part: 'stat' | 'data' | 'children' | 'children and stat',
): ReadResult {
  const path = pathText(request)
  const data = systemNodeData(path, keeper)
  if (data === null) return 'NONODE'
  if (part === 'data') reply.buffer(data)
  else if (part !== 'stat') {
    const children = systemNodeChildren(path)
    reply.int(children.length)
    for (const child of children) reply.string(child)
  }
  if (part !== 'children') writeSystemStat(path, data, reply)
  return 'OK'
}

export function getAcl(request: Reader, database: Database, client: Client, reply: Writer): ReadResult {
  readPath(request)
  const { tree } = database
  const node = tree.lookup(request.bytes, pathStart, pathEnd)
  if (node === NONE) return 'NONODE'
  if (!database.allows(client, node, Perm.READ | Perm.ADMIN)) return 'NOAUTH'
  const acl = database.aclOf(node)
  // Who may not change the list gets no password hashes to try (CVE-2019-0201).
  AclList.write(reply, database.allows(client, node, Perm.ADMIN) ? acl : redactAcl(acl))
  writeStat(database, node, reply)
  return 'OK'
}

export function getAllChildrenNumber(request: Reader, database: Database, client: Client, reply: Writer): ReadResult {
  readPath(request)
  const node = database.tree.lookup(request.bytes, pathStart, pathEnd)
  if (node === NONE) return 'NONODE'
  if (!database.allows(client, node, Perm.READ)) return 'NOAUTH'
  // Java counts paths that begin with this one and a slash: to the empty path that is true of the root, too.
  reply.int(database.tree.descendantCount(node) + (pathStart === pathEnd ? 1 : 0))
  return 'OK'
}

/** The session's own ephemeral znodes whose path starts with a prefix: a prefix of text, not of path elements. */
export function getEphemerals(request: Reader, database: Database, client: Client, reply: Writer): ReadResult {
  const prefix = request.string()
  const all = prefix === null || isBlankOrRoot(prefix)
  const paths = database.tree.ephemeralsOf(client.session.id)
  const wanted = all ? paths : paths.filter((path) => path.startsWith(prefix))
  reply.int(wanted.length)
  for (const path of wanted) reply.string(path)
  return 'OK'
}

/** Nothing, or a slash, between what Java's `trim` takes off. */
function isBlankOrRoot(prefix: string): boolean {
  let slashes = 0
  for (let i = 0; i < prefix.length; i++) {
    const unit = prefix.charCodeAt(i)
    if (unit > 0x20 && (unit !== 0x2f || ++slashes > 1)) return false
  }
  return true
}

/** Independent reads in one request; each has its own result or error (ZOOKEEPER-3402). */
export function multiRead(request: Reader, database: Database, client: Client, reply: Writer): ReadResult {
  // First find out that the whole request can be read: a malformed one gets no partial answer.
  const start = request.offset
  let count = 0
  for (;;) {
    const type = request.int()
    const done = request.bool()
    request.int()
    if (done) break
    if (type !== OpCode.getData && type !== OpCode.getChildren) throw new JuteError(`${type} in a multiRead`)
    readPath(request)
    request.bool()
    count++
  }
  request.offset = start
  for (let i = 0; i < count; i++) {
    const type = request.int()
    request.offset += 5
    readPath(request)
    request.bool()
    const node = database.tree.lookup(request.bytes, pathStart, pathEnd)
    const code = node === NONE ? 'NONODE' : database.allows(client, node, Perm.READ) ? 'OK' : 'NOAUTH'
    if (code !== 'OK') {
      const errno = code === 'NONODE' ? -101 : -102
      reply.int(OpCode.error)
      reply.bool(false)
      reply.int(errno)
      reply.int(errno)
      continue
    }
    reply.int(type)
    reply.bool(false)
    reply.int(0)
    if (type === OpCode.getChildren) {
      const at = reply.length
      database.tree.writeChildren(node, reply)
      if (database.traffic !== null) countNames(request, database, node, reply, at)
    } else {
      database.traffic?.read(request.bytes, pathStart, pathEnd, database.tree.dataLength(node))
      writeData(database, node, reply)
      writeStat(database, node, reply)
    }
  }
  reply.int(-1)
  reply.bool(true)
  reply.int(-1)
  return 'OK'
}
