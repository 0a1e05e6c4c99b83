import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CreateTxn,
  type ErrorTxn,
  errno,
  OPEN_ACL_UNSAFE,
  OpCode,
  readUtf8,
  type SetDataTxn,
  type Txn,
} from '@vivarium/protocol'
import {
  CHECKERS,
  checkAll,
  committedHistory,
  type FinalZnode,
  type History,
  type HistoryRecorder,
  type Incident,
  LogArchive,
  type LogDisk,
  type Operation,
} from '@vivarium/sim'
import type { Lab, LabServer } from './lab.ts'
import type { ForeignWrite } from './writers.ts'

/** What the checkers judge, besides what the clients of ours have recorded. */
export interface Findings {
  readonly recorder: HistoryRecorder
  readonly writes: readonly ForeignWrite[]
  /** Of each server, in the order of their ids. */
  readonly trees: readonly (readonly FinalZnode[])[]
  readonly digestMismatches: number
  readonly crashes: readonly string[]
  readonly stalled: string[]
  readonly endMs: number
}

/** It looks at when exactly servers did what, which nobody saw. */
const NOT_APPLICABLE = 'ephemerals live as long as their session'
/** Clocks of several processes are read at different moments. */
const CLOCK_MS = 2
/** No client of a run comes to count so far. */
const FIRST_NUMBER = 1_000_000

/** Judges by the checkers of the simulator. */
export function judge(lab: Lab, findings: Findings): string[] {
  const archive = new LogArchive()
  const { recorder, trees, endMs } = findings
  const logs = lab.servers.map((server) => archive.copy(server.sid, diskOf(server), endMs, null))
  const { transactions, operations } = withForeignWrites(findings, committedHistory([], [], logs))
  const history: History = {
    ...recorder,
    operations: [...recorder.operations, ...operations],
    incidents: lab.servers.flatMap(incidentsOf).sort((a, b) => a.ms - b.ms),
    transactions,
    finalTree: trees[0] ?? null,
    tickMs: 1000,
    ensemble: true,
    pair: false,
    localSessions: false,
    upgrading: false,
    logs,
    applied: [],
    zab: [],
    replicas: lab.servers.map(({ sid }, at) => {
      return { server: sid, log: logs[at] as (typeof logs)[0], tree: trees[at] ?? [], digest: '' }
    }),
    digestMismatches: findings.digestMismatches,
    endMs,
    crashes: findings.crashes,
    stalled: findings.stalled,
    faults: [],
  }
  const checkers = CHECKERS.filter(({ name }) => name !== NOT_APPLICABLE)
  return checkAll(checkers, history).map(({ checker, text }) => `${checker}: ${text}`)
}

/** A data directory, by the names that the simulator has for it. */
function diskOf({ directory }: LabServer): LogDisk {
  const real = (path: string): string => join(directory, path)
  return {
    names: (path) => readdirSync(real(path)),
    contents: (path, position = 0, length = Number.POSITIVE_INFINITY) => {
      return readFileSync(real(path)).subarray(position, position + length)
    },
    isZeroFrom: (path, position) =>
      readFileSync(real(path))
        .subarray(position)
        .every((byte) => byte === 0),
  }
}

const SERVING = /^(\S+Z) INFO +Serving as (leader|follower|observer), in epoch (\d+)/gm

/** When it began to lead or to follow, as its log tells. */
function incidentsOf({ sid, directory }: LabServer): Incident[] {
  const text = readFileSync(join(directory, 'server.log'), 'utf8')
  return [...text.matchAll(SERVING)].map(([, at, role, epoch]) => ({
    ms: Date.parse(at as string),
    kind: role === 'leader' ? 'serving' : 'following',
    server: sid,
    text: `server ${sid} is ${role}`,
    epoch: Number(epoch),
  }))
}

/**
 * The writes of other clients as the simulator knows operations, and the transactions with their numbers. These clients keep the
 * numbers of their requests, and the zxids of answers, to themselves, and kazoo begins to count again with each connection: which
 * transaction a write has become is told by its data, and both get a number of their own.
 */
function withForeignWrites({ writes, recorder }: Findings, committed: readonly Txn[]): ForeignHistory {
  const foreign = new Set([...writes.map(({ sessionId }) => sessionId), ...ownersOf(writes, committed)])
  const transactions = committed.map((txn, at) => {
    return foreign.has(txn.clientId) && txn.cxid > 0 ? { ...txn, cxid: FIRST_NUMBER + at } : txn
  })
  const byData = new Map(transactions.map((txn) => [dataOf(txn), txn] as const))
  const floorAt = floors(recorder)
  let id = recorder.operations.length
  const operations = [...writes].sort((a, b) => a.askedMs - b.askedMs)
  const asked = operations.map((write): Operation => {
    const { client, path, data, kind, askedMs, answeredMs, stat } = write
    const txn = byData.get(data)
    const zxid = txn?.zxid ?? -1
    const result = { err: 0, ...(kind === 'create' ? { path } : { stat: stat as never }) }
    return {
      ...unknown(id++),
      client,
      sessionId: txn?.clientId ?? write.sessionId,
      xid: txn?.cxid ?? -id,
      request:
        kind === 'create' ? { kind, path, data, acl: OPEN_ACL_UNSAFE, flags: 0 } : { kind, path, data, version: -1 },
      invokedMs: askedMs,
      floorZxid: floorAt(askedMs - CLOCK_MS),
      answer: answeredMs === null ? null : { ms: answeredMs, zxid, result },
    }
  })
  // What came late, by a server that the client had left.
  const late = transactions
    .filter(({ type, clientId, record }) => {
      return type === OpCode.error && foreign.has(clientId) && (record as ErrorTxn).err === errno('SESSIONMOVED')
    })
    .map(({ clientId, cxid }): Operation => {
      const request = { kind: 'setData', path: '/', data: null, version: -1 } as const
      const asker = { client: 'somebody', sessionId: clientId, xid: cxid, invokedMs: 0, floorZxid: 0 }
      return { ...unknown(id++), ...asker, request, answer: null }
    })
  return { transactions, operations: [...asked, ...late] }
}

interface ForeignHistory {
  readonly transactions: Txn[]
  readonly operations: readonly Operation[]
}

/** Of whom a transaction is that has the data of a write: a client may not know yet which session it had. */
function ownersOf(writes: readonly ForeignWrite[], committed: readonly Txn[]): bigint[] {
  const known = new Set<string | null>(writes.map(({ data }) => data))
  return committed.filter((txn) => known.has(dataOf(txn))).map(({ clientId }) => clientId)
}

/** The highest zxid that a client of ours had been told of at some moment, for moments that come in order. */
function floors({ operations }: HistoryRecorder): (ms: number) => number {
  const answered = operations.flatMap(({ answer }) => (answer === null ? [] : [answer])).sort((a, b) => a.ms - b.ms)
  let [next, floorZxid] = [0, 0]
  return (ms) => {
    for (; next < answered.length && (answered[next]?.ms ?? 0) < ms; next++)
      floorZxid = Math.max(floorZxid, answered[next]?.zxid ?? 0)
    return floorZxid
  }
}

/** Each is on a connection of its own, as nobody knows which it was. */
function unknown(id: number): Pick<Operation, 'id' | 'connection' | 'identities'> {
  return { id, connection: -1 - id, identities: [] }
}

function dataOf({ type, record }: Txn): string | null {
  if (type !== OpCode.create && type !== OpCode.setData) return null
  const { data } = record as CreateTxn | SetDataTxn
  return data === null ? null : readUtf8(data, 0, data.length)
}
