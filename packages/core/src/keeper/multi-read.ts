import { type ErrorCode, errno, JuteError, KeeperOp, OpCode, type Reader, type Writer } from '@vivarium/protocol'
import type { Client } from '../pipeline/client.ts'
import type { Database } from '../pipeline/database.ts'

/** What ClickHouse Keeper takes in a multiRead; ZooKeeper takes getData and getChildren only. */
const PARTS: ReadonlySet<number> = new Set([
  OpCode.exists,
  OpCode.getData,
  OpCode.getChildren,
  OpCode.getChildren2,
  KeeperOp.filteredList,
  KeeperOp.listWithStatsAndData,
])

type Execute = (opcode: number, body: Reader, database: Database, client: Client, reply: Writer) => ErrorCode

/** Independent reads in one request, each with its own result or error. @throws {JuteError} */
export function keeperMultiRead(
  body: Reader,
  database: Database,
  client: Client,
  reply: Writer,
  execute: Execute,
): ErrorCode {
  for (;;) {
    const type = body.int()
    const done = body.bool()
    body.int()
    if (done) break
    if (!PARTS.has(type)) throw new JuteError(`${type} in a multiRead`)
    const start = reply.length
    writeHeader(reply, type, false, 0)
    const code = execute(type, body, database, client, reply)
    if (code === 'OK') continue
    reply.length = start
    writeHeader(reply, OpCode.error, false, errno(code))
    reply.int(errno(code))
  }
  writeHeader(reply, OpCode.error, true, -1)
  return 'OK'
}

function writeHeader(reply: Writer, type: number, done: boolean, error: number): void {
  reply.int(type)
  reply.bool(done)
  reply.int(error)
}
