import { type Channel, channel } from 'node:diagnostics_channel'

/** What is told of a request when it is answered. */
export interface AnsweredRequest {
  readonly opcode: number
  /** The client's number for it; negative for pings and the like. */
  readonly xid: number
  /** Of the transaction, or of the last one that a read has seen. */
  readonly zxid: number
  /** 0, or that of one of ZooKeeper's errors. */
  readonly errno: number
  /** From its arrival to its answer, with all that it waited for: other requests, the disk, a quorum. */
  readonly latencyMs: number
  /** When it was answered, in milliseconds since 1970, as of the beginning of the turn of the event loop. */
  readonly wallMs: number
  readonly sessionId: bigint
  /** Of the client, without a port. */
  readonly address: string
}

/** The name under which whoever listens finds it (node:diagnostics_channel). */
export const REQUEST_CHANNEL = 'vivarium:server:request'

/** Takes every request that is answered, if anyone listens; otherwise it costs a look at a field. */
export const answeredRequests: Channel = channel(REQUEST_CHANNEL)
