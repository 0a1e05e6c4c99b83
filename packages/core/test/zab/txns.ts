import { makeZxid, OpCode, Writer, writeTxn } from '@vivarium/protocol'
import { parseQuorumConfig, type QuorumConfig } from '../../dist/quorum/index.js'
import { CommittedLog, LoggedTxn } from '../../dist/zab/index.js'

/** A transaction as a leader would log it; a reconfiguration if there is a text. */
export function txn(zxid: number, { session = 1n, cxid = 1, config = null as string | null } = {}): LoggedTxn {
  const writer = new Writer(64)
  const type = config === null ? OpCode.setData : OpCode.reconfig
  const record = { path: '/zookeeper/config', data: Buffer.from(config ?? 'x'), version: 0 }
  writeTxn(writer, { clientId: session, cxid, zxid, time: 0, type, record, digest: null })
  return LoggedTxn.from(writer.finish()) as LoggedTxn
}

/** `epoch` and the counters from `first` to `last`. */
export function txns(epoch: number, first: number, last: number): LoggedTxn[] {
  return Array.from({ length: last - first + 1 }, (_, i) => txn(makeZxid(epoch, first + i)))
}

export function committedLog(list: readonly LoggedTxn[]): CommittedLog {
  const log = new CommittedLog()
  for (const one of list) log.add(one)
  return log
}

/** Servers 1 and so on: some vote, the rest observe. */
export function configOf(voters: readonly number[], observers: readonly number[] = [], version = 0): QuorumConfig {
  const line = (sid: number, role: string): string => `server.${sid}=h${sid}:1:2:${role}`
  const lines = [...voters.map((sid) => line(sid, 'participant')), ...observers.map((sid) => line(sid, 'observer'))]
  return parseQuorumConfig(`${lines.join('\n')}\nversion=${version.toString(16)}`) as QuorumConfig
}

export function zxidsOf(list: readonly { readonly zxid: number }[]): number[] {
  return list.map(({ zxid }) => zxid)
}
