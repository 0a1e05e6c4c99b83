import {
  type ErrorCode,
  JuteError,
  OpCode,
  type Reader,
  SetWatches,
  SetWatches2,
  type Writer,
} from '@vivarium/protocol'
import { clientInfos } from '../auth/index.ts'
import { executeKeeperRead } from '../keeper/keeper-reads.ts'
import { keeperMultiRead } from '../keeper/multi-read.ts'
import type { Client } from '../pipeline/client.ts'
import type { Database } from '../pipeline/database.ts'
import { setWatches } from '../watches/index.ts'
import * as reads from './read.ts'

/**
 * Answers a request that changes nothing: writes the body to `reply`, or returns why not. Throws {@link JuteError} for a
 * request that cannot be read.
 *
 * Inherited from FinalRequestProcessor.processRequest.
 */
export function executeRead(
  opcode: number,
  body: Reader,
  database: Database,
  client: Client,
  reply: Writer,
): ErrorCode {
  switch (opcode) {
    case OpCode.getData:
      return reads.getData(body, database, client, reply)
    case OpCode.exists:
      return reads.exists(body, database, client, reply)
    case OpCode.getChildren2:
      return reads.getChildren2(body, database, client, reply)
    case OpCode.getChildren:
      return reads.getChildren(body, database, client, reply)
    case OpCode.ping:
      return 'OK'
    case OpCode.sync:
      // What has to be applied before the answer is: only the path is left to be sent back.
      reply.string(body.string())
      return 'OK'
    case OpCode.getACL:
      return reads.getAcl(body, database, client, reply)
    case OpCode.multiRead:
      if (database.keeper === null) return reads.multiRead(body, database, client, reply)
      return keeperMultiRead(body, database, client, reply, executeRead)
    case OpCode.setWatches: {
      if (database.watches.isFull(client)) return 'QUOTAEXCEEDED'
      const request = SetWatches.read(body)
      setWatches(database.watches, database.tree, request.relativeZxid, request, client)
      return 'OK'
    }
    case OpCode.setWatches2: {
      if (database.watches.isFull(client)) return 'QUOTAEXCEEDED'
      const request = SetWatches2.read(body)
      setWatches(database.watches, database.tree, request.relativeZxid, request, client)
      return 'OK'
    }
    case OpCode.addWatch: {
      const path = body.string() ?? NULL_PATH
      const mode = body.int()
      if (mode !== 0 && mode !== 1) throw new JuteError(`${mode} is no mode of a watch`)
      if (database.watches.isFull(client)) return 'QUOTAEXCEEDED'
      database.watches.addPersistentWatch(path, client, mode === 1)
      reply.int(0)
      return 'OK'
    }
    case OpCode.checkWatches: {
      const { path, type } = readWatcher(body)
      return database.watches.contains(path, type, client) ? 'OK' : 'NOWATCHER'
    }
    case OpCode.removeWatches: {
      const { path, type } = readWatcher(body)
      return database.watches.remove(path, type, client) ? 'OK' : 'NOWATCHER'
    }
    case OpCode.getEphemerals:
      return reads.getEphemerals(body, database, client, reply)
    case OpCode.getAllChildrenNumber:
      return reads.getAllChildrenNumber(body, database, client, reply)
    case OpCode.whoAmI: {
      const infos = clientInfos(client.identities, database.access.providers)
      reply.int(infos.length)
      for (const { authScheme, user } of infos) {
        reply.string(authScheme)
        reply.string(user)
      }
      return 'OK'
    }
    default:
      return executeKeeperRead(opcode, body, database, client, reply)
  }
}

/** Stands for a path that is null, which Java takes for these three as it does any other: nothing ever happens there. */
const NULL_PATH = '\0'

/** checkWatches and removeWatches have the same fields. */
function readWatcher(body: Reader): { path: string; type: number } {
  const path = body.string() ?? NULL_PATH
  const type = body.int()
  if (type < 1 || type > 5) throw new JuteError(`${type} is no type of watcher`)
  return { path, type }
}
