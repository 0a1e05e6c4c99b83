import { OpCode } from '@vivarium/protocol'
import { javaAddress, javaHex } from './java-format.ts'
import type { ConnectionFigures, ConnectionView } from './view.ts'

/** The letters that stand for the last operation (the `lastOp` of FinalRequestProcessor). */
const LETTERS: ReadonlyMap<number, string> = new Map([
  [OpCode.createSession, 'SESS'],
  [OpCode.ping, 'PING'],
  [OpCode.create, 'CREA'],
  [OpCode.create2, 'CREA'],
  [OpCode.createTTL, 'CREA'],
  [OpCode.createContainer, 'CREA'],
  [OpCode.delete, 'DELE'],
  [OpCode.deleteContainer, 'DELE'],
  [OpCode.exists, 'EXIS'],
  [OpCode.getData, 'GETD'],
  [OpCode.setData, 'SETD'],
  [OpCode.getACL, 'GETA'],
  [OpCode.setACL, 'SETA'],
  [OpCode.getChildren, 'GETC'],
  [OpCode.getChildren2, 'GETC'],
  [OpCode.getAllChildrenNumber, 'GETACN'],
  [OpCode.sync, 'SYNC'],
  [OpCode.check, 'CHEC'],
  [OpCode.multi, 'MULT'],
  [OpCode.multiRead, 'MLTR'],
  [OpCode.reconfig, 'RECO'],
  [OpCode.setWatches, 'SETW'],
  [OpCode.setWatches2, 'STW2'],
  [OpCode.addWatch, 'ADDW'],
  [OpCode.checkWatches, 'CHKW'],
  [OpCode.removeWatches, 'REMW'],
  [OpCode.whoAmI, 'HOMI'],
  [OpCode.getEphemerals, 'GETE'],
  [OpCode.closeSession, 'CLOS'],
])

/** The last operation of a connection, in letters. */
export const lastOperation = ({ lastOpcode }: ConnectionFigures): string => LETTERS.get(lastOpcode) ?? 'NA'

/** What `stat` prints of a connection, without the bracket that ends it (ServerCnxn.dumpConnectionInfo). */
export function briefConnection(connection: ConnectionView): string {
  const { packetsReceived, packetsSent } = connection.stats
  const address = javaAddress(connection.remoteAddress, connection.remotePort)
  const ops = connection.interestOps.toString(16)
  return ` ${address}[${ops}](queued=${connection.outstandingRequests},recved=${packetsReceived},sent=${packetsSent}`
}

/** What `cons` adds to that: nothing while there is no session. */
export function fullConnection({ sessionId, sessionTimeoutMs, stats }: ConnectionView): string {
  if (sessionId === 0n) return ''
  const cxid = stats.lastXid >= 0 ? `,lcxid=0x${javaHex(stats.lastXid)}` : ''
  const least = stats.latencyCount === 0 ? 0 : Math.trunc(stats.minLatencyMs)
  const average = stats.latencyCount === 0 ? 0 : Math.trunc(stats.totalLatencyMs / stats.latencyCount)
  return (
    `,sid=0x${javaHex(sessionId)},lop=${lastOperation(stats)},est=${Math.trunc(stats.establishedMs)}` +
    `,to=${sessionTimeoutMs}${cxid},lzxid=0x${javaHex(stats.lastZxid)},lresp=${Math.trunc(stats.lastResponseMs)}` +
    `,llat=${Math.trunc(stats.lastLatencyMs)},minlat=${least},avglat=${average},maxlat=${Math.trunc(stats.maxLatencyMs)}`
  )
}
