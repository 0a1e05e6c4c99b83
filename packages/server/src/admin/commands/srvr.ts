import { command } from '../command.ts'
import { javaDouble, javaHex } from '../java-format.ts'
import { FULL_VERSION } from '../version.ts'
import type { AdminView } from '../view.ts'

/** Version, latencies, counts and mode of the server. */
export const srvr = command('srvr', function* (view: AdminView) {
  yield serverHead(view)
  yield serverFigures(view)
})

/** What `srvr` and `stat` begin with. */
export function serverHead({ mode }: AdminView): string {
  const readOnly = mode === 'read-only' ? 'READ-ONLY mode; serving only read-only clients\n' : ''
  return `Zookeeper version: ${FULL_VERSION}\n${readOnly}`
}

/** What `srvr` and `stat` end with (ServerStats.toString). */
export function serverFigures(view: AdminView): string {
  const { stats } = view
  const { latency } = stats
  return (
    `Latency min/avg/max: ${Math.trunc(latency.min)}/${javaDouble(latency.average)}/${Math.trunc(latency.max)}\n` +
    `Received: ${stats.packetsReceived}\n` +
    `Sent: ${stats.packetsSent}\n` +
    `Connections: ${view.connectionCount}\n` +
    `Outstanding: ${view.outstandingRequests}\n` +
    `Zxid: 0x${javaHex(view.lastZxid)}\n` +
    `Mode: ${view.mode}\n` +
    `Node count: ${view.nodeCount}\n` +
    (view.mode === 'leader' ? proposalSizes(view) : '')
  )
}

function proposalSizes({ stats }: AdminView): string {
  return `Proposal sizes last/min/max: ${stats.lastProposalSize}/${stats.minProposalSize}/${stats.maxProposalSize}\n`
}
