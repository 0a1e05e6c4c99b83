import { JuteError, Reader, readUtf8, Writer } from '@vivarium/protocol'
import { PeerState } from './vote.ts'

/** The version of the format: 2 has the sender's configuration. */
const VERSION = 2
const HEADER_BYTES = 40

/** What servers tell each other while they look for a leader (FastLeaderElection.Notification). */
export interface Notification {
  readonly state: PeerState
  readonly leader: number
  readonly zxid: number
  readonly electionEpoch: number
  readonly peerEpoch: number
  readonly version: number
  /** The configuration that the sender has committed, as text; null in old formats. */
  readonly config: string | null
}

/** The body of the message, without the length in front of it (FastLeaderElection.buildMsg). */
export function encodeNotification(notification: Omit<Notification, 'version'>): Uint8Array {
  const writer = new Writer(128)
  writer.int(notification.state)
  writer.zxid(notification.leader)
  writer.zxid(notification.zxid)
  writer.zxid(notification.electionEpoch)
  writer.zxid(notification.peerEpoch)
  writer.int(VERSION)
  writer.string(notification.config ?? '')
  return writer.finish()
}

/**
 * Reads a message. Two older formats end earlier: 28 bytes without the peer's epoch, 40 without version and
 * configuration (before 3.4.6). A malformed one must not end the receiver (ZOOKEEPER-3769).
 *
 * @returns undefined for what is no notification
 */
export function decodeNotification(bytes: Uint8Array): Notification | undefined {
  if (bytes.length < 28) return undefined
  const reader = new Reader(bytes)
  const state = reader.int()
  if (state < PeerState.LOOKING || state > PeerState.OBSERVING) return undefined
  const leader = reader.approximateLong()
  const zxid = reader.approximateLong()
  const electionEpoch = reader.approximateLong()
  const known = { state: state as PeerState, leader, zxid, electionEpoch }
  if (bytes.length === 28) return { ...known, peerEpoch: Math.floor(zxid / 2 ** 32), version: 0, config: null }
  try {
    const peerEpoch = reader.approximateLong()
    if (bytes.length === HEADER_BYTES) return { ...known, peerEpoch, version: 0, config: null }
    const version = reader.int()
    if (version < VERSION) return { ...known, peerEpoch, version, config: null }
    const length = reader.int()
    if (length < 0 || length > reader.remaining) return undefined
    return { ...known, peerEpoch, version, config: readUtf8(bytes, reader.offset, reader.offset + length) }
  } catch (error) {
    if (error instanceof JuteError) return undefined
    throw error
  }
}
