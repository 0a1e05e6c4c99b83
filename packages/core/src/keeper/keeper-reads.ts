import { type ErrorCode, KeeperOp, ListFilter, Perm, Reader, Stat, type Writer } from '@vivarium/protocol'
import type { Client } from '../pipeline/client.ts'
import type { Database } from '../pipeline/database.ts'
import { NONE, NodeKind, STAT_BYTES } from '../tree/index.ts'

/** Answers what ClickHouse Keeper adds for reading. @throws {JuteError} for a request that cannot be read */
export function executeKeeperRead(
  opcode: number,
  body: Reader,
  database: Database,
  client: Client,
  reply: Writer,
): ErrorCode {
  switch (opcode) {
    case KeeperOp.filteredList:
    case KeeperOp.listWithStatsAndData:
      return list(opcode, body, database, client, reply)
    case KeeperOp.listRecursive:
      return listRecursive(body, database, client, reply)
    case KeeperOp.checkNotExists:
    case KeeperOp.checkStat:
      return check(opcode, body, database, client)
    default:
      return 'UNIMPLEMENTED'
  }
}

/**
 * Children of one kind, perhaps with their Stats and data. What is told of a child beyond its name takes permission to read it,
 * and the whole fails where that is missing.
 */
export function list(opcode: number, body: Reader, database: Database, client: Client, reply: Writer): ErrorCode {
  const path = body.string() ?? ''
  const watch = body.bool()
  const filter = readByte(body)
  const detailed = opcode === KeeperOp.listWithStatsAndData
  const withStats = detailed && body.bool()
  const withData = detailed && body.bool()
  const { tree } = database
  const node = tree.find(path)
  if (node < 0) return 'NONODE'
  if (!database.allows(client, node, Perm.READ)) return 'NOAUTH'
  const told = filter !== ListFilter.ALL || withStats || withData
  const children: number[] = []
  for (let child = tree.firstChild(node); child !== NONE; child = tree.nextSibling(child)) {
    const ephemeral = tree.kind(child) === NodeKind.EPHEMERAL
    if (filter === ListFilter.PERSISTENT_ONLY ? ephemeral : filter === ListFilter.EPHEMERAL_ONLY && !ephemeral) continue
    if (told && !database.allows(client, child, Perm.READ)) return 'NOAUTH'
    children.push(child)
  }
  if (watch && database.watches.isFull(client)) return 'QUOTAEXCEEDED'
  if (watch) database.watches.addChildWatch(path, client)
  reply.int(children.length)
  for (const child of children) reply.string(tree.nameOf(child))
  writeStat(database, node, reply)
  if (!detailed) return 'OK'
  reply.int(withStats ? children.length : 0)
  if (withStats) for (const child of children) writeStat(database, child, reply)
  reply.int(withData ? children.length : 0)
  if (withData) for (const child of children) reply.buffer(tree.data(child) ?? new Uint8Array(0))
  return 'OK'
}

/** Paths below a znode, level by level, up to a number; what may not be read is left out, with all below it. */
function listRecursive(body: Reader, database: Database, client: Client, reply: Writer): ErrorCode {
  const path = body.string() ?? ''
  const limit = body.int() >>> 0
  const { tree } = database
  const root = tree.find(path)
  if (root < 0) return 'NONODE'
  if (!database.allows(client, root, Perm.READ)) return 'NOAUTH'
  const found = [root]
  walk: for (let at = 0; at < found.length; at++) {
    for (let child = tree.firstChild(found[at]!); child !== NONE; child = tree.nextSibling(child)) {
      if (!database.allows(client, child, Perm.READ)) continue
      if (found.length > limit) break walk
      found.push(child)
    }
  }
  reply.int(found.length - 1)
  for (const node of found.slice(1)) reply.string(tree.pathOf(node))
  return 'OK'
}

function check(opcode: number, body: Reader, database: Database, client: Client): ErrorCode {
  const path = body.string() ?? ''
  const version = body.int()
  const wanted = opcode === KeeperOp.checkStat ? Stat.read(body) : null
  const { tree } = database
  const node = tree.find(path)
  if (node >= 0 && !database.allows(client, node, Perm.READ)) return 'NOAUTH'
  const rightVersion = node >= 0 && (version === -1 || version === tree.version(node))
  if (opcode === KeeperOp.checkNotExists) return rightVersion ? 'NODEEXISTS' : 'OK'
  if (node < 0) return 'NONODE'
  if (!rightVersion) return 'BADVERSION'
  return wanted === null || isAsWanted(readStat(database, node), wanted) ? 'OK' : 'BADVERSION'
}

/** Each field that is not −1 has to agree. */
export function isAsWanted(stat: Stat, wanted: Stat): boolean {
  return (Object.keys(wanted) as (keyof Stat)[]).every(
    (field) => BigInt(wanted[field]) === -1n || BigInt(wanted[field]) === BigInt(stat[field]),
  )
}

function readStat(database: Database, node: number): Stat {
  const bytes = new Uint8Array(STAT_BYTES)
  database.tree.writeStat(node, bytes, 0)
  return Stat.read(new Reader(bytes))
}

function writeStat(database: Database, node: number, reply: Writer): void {
  reply.ensure(STAT_BYTES)
  database.tree.writeStat(node, reply.bytes, reply.length)
  reply.length += STAT_BYTES
}

function readByte(body: Reader): number {
  const value = body.bytes[body.offset] ?? 0
  body.bool()
  return value
}
