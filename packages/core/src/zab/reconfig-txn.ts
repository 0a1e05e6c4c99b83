import { JuteError, OpCode, Reader, readTxn, type SetDataTxn } from '@vivarium/protocol'
import { parseQuorumConfig, type QuorumConfig } from '../quorum/index.ts'
import type { LoggedTxn } from './logged-txn.ts'
import { decodeText } from './packet-bodies.ts'

/** The configuration that a reconfiguration brings; null for another transaction, or one that cannot be read. */
export function configOf({ data, type }: LoggedTxn): QuorumConfig | null {
  if (type !== OpCode.reconfig) return null
  try {
    const text = (readTxn(new Reader(data)).record as SetDataTxn).data
    const config = text === null ? '' : parseQuorumConfig(decodeText(text))
    return typeof config === 'string' ? null : config
  } catch (error) {
    if (error instanceof JuteError) return null
    throw error
  }
}
