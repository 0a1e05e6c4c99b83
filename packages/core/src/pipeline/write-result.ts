import { KeeperOp, OpCode, type TxnBody, type Writer } from '@vivarium/protocol'
import { foundPath, removalsBehind } from '../keeper/keeper-writes.ts'
import { writeData } from '../operations/read.ts'
import { STAT_BYTES } from '../tree/index.ts'
import type { ApplyResult } from './apply.ts'
import type { Database } from './database.ts'

/** The body of the answer to a write that succeeded. */
export function writeResult(opcode: number, database: Database, result: ApplyResult, reply: Writer): void {
  switch (opcode) {
    case OpCode.create:
      reply.string(result.path)
      return
    case KeeperOp.createIfNotExists:
      reply.string(foundPath(result.txns[0]) ?? result.path)
      return
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      reply.string(result.path)
      if (result.statBeforeQuota === null) writeStat(database, result.node, reply)
      else reply.raw(result.statBeforeQuota)
      return
    case OpCode.setData:
    case OpCode.setACL:
      writeStat(database, result.node, reply)
      return
    case OpCode.reconfig:
      writeData(database, result.node, reply)
      writeStat(database, result.node, reply)
      return
    case OpCode.multi:
      writeMultiResult(result, reply)
      return
    default:
      return
  }
}

function writeStat(database: Database, node: number, reply: Writer): void {
  reply.ensure(STAT_BYTES)
  database.tree.writeStat(node, reply.bytes, reply.length)
  reply.length += STAT_BYTES
}

/** The type of each result says which body follows it (MultiResponse). */
function writeMultiResult(result: ApplyResult, reply: Writer): void {
  const { txns, errnos, stats } = result
  for (let i = 0; i < txns.length; i += 1 + removalsBehind(txns[i] as TxnBody)) {
    if (errnos !== null) {
      writeMultiHeader(reply, OpCode.error, errnos[i]!)
      reply.int(errnos[i]!)
      continue
    }
    const { type, record } = txns[i]!
    const stat = i * STAT_BYTES
    switch (type) {
      case OpCode.create:
        writeMultiHeader(reply, OpCode.create, 0)
        reply.string(record.path)
        break
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
        writeMultiHeader(reply, OpCode.create2, 0)
        reply.string(record.path)
        reply.raw(stats, stat, stat + STAT_BYTES)
        break
      case OpCode.setData:
        writeMultiHeader(reply, OpCode.setData, 0)
        reply.raw(stats, stat, stat + STAT_BYTES)
        break
      default: {
        const found = foundPath(txns[i])
        writeMultiHeader(reply, found === null ? type : OpCode.create, 0)
        if (found !== null) reply.string(found)
      }
    }
  }
  reply.int(-1)
  reply.bool(true)
  reply.int(-1)
}

function writeMultiHeader(reply: Writer, type: number, errno: number): void {
  reply.int(type)
  reply.bool(false)
  reply.int(errno)
}
