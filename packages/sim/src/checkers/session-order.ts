import { type MultiTxn, OpCode, type Txn } from '@vivarium/protocol'
import type { ConnectionHistory, History, Operation } from '../workloads/history.ts'
import { isWrite } from '../workloads/requests.ts'
import type { Checker } from './violation.ts'

/**
 * What one session sees is in order: zxids never go back, from connection to connection either; answers come in the
 * order of the requests; writes are done in the order in which they were sent; and a request sees every write that the session sent before it on the same connection.
 */
export const sessionOrder: Checker = {
  name: 'session order',
  check: (history) => [
    ...zxidsRise(history),
    ...answersInOrder(history),
    ...readsOwnWrites(history),
    ...writesInOrder(history),
  ],
}

function bySession({ connections }: History): Iterable<ConnectionHistory[]> {
  const sessions = new Map<bigint, ConnectionHistory[]>()
  for (const connection of connections) {
    const list = sessions.get(connection.sessionId)
    if (list === undefined) sessions.set(connection.sessionId, [connection])
    else list.push(connection)
  }
  return sessions.values()
}

function zxidsRise(history: History): string[] {
  const found: string[] = []
  for (const connections of bySession(history)) {
    let last = 0
    for (const { id, client, messages } of connections) {
      for (const { zxid } of messages) {
        // −1 is the zxid of what no transaction has caused.
        if (zxid >= 0 && zxid < last) found.push(`${client} saw zxid ${zxid} after ${last}, on connection ${id}`)
        last = Math.max(last, zxid)
      }
    }
  }
  return found
}

function answersInOrder({ connections }: History): string[] {
  return connections.flatMap(({ id, client, messages }) => {
    const found: string[] = []
    let last = -1
    for (const message of messages) {
      if (message.kind !== 'answer') continue
      if (message.operation === null)
        found.push(`${client} was answered ${message.xid} out of turn, on connection ${id}`)
      else if (message.operation.id < last)
        found.push(`${client} was answered ${message.xid} late, on connection ${id}`)
      else last = message.operation.id
    }
    return found
  })
}

function readsOwnWrites({ operations }: History): string[] {
  const lastWrite = new Map<number, Operation>()
  const found: string[] = []
  for (const operation of operations) {
    const { connection, client, xid, request, answer } = operation
    const before = lastWrite.get(connection)
    if (answer !== null && before?.answer && answer.zxid < before.answer.zxid) {
      found.push(
        `${client}'s request ${xid} was answered from zxid ${answer.zxid}, before its own write ${before.xid} of ${before.answer.zxid}`,
      )
    }
    if (isWrite(request)) lastWrite.set(connection, operation)
  }
  return found
}

function writesInOrder({ transactions }: History): string[] {
  const last = new Map<bigint, number>()
  return transactions.flatMap((txn) => {
    const { clientId, cxid, zxid } = txn
    // What was refused has changed nothing: it may come late from a server that the client has left.
    if (cxid <= 0 || wasRefused(txn)) return []
    const before = last.get(clientId) ?? 0
    last.set(clientId, cxid)
    return cxid > before
      ? []
      : [`session 0x${clientId.toString(16)}'s request ${cxid} is at ${zxid}, behind its request ${before}`]
  })
}

function wasRefused({ type, record }: Txn): boolean {
  return (
    type === OpCode.error ||
    (type === OpCode.multi && (record as MultiTxn).txns.some((one) => one.type === OpCode.error))
  )
}
