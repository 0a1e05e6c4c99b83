import type { ACL } from '@vivarium/protocol'
import type { WatchSet } from './watch-set.ts'

/**
 * What a change tells those who watch. One object goes to every watcher of the change, so that the first connection to
 * send it can leave the bytes in `encoded` for the others.
 */
export class WatchEvent {
  /** NodeCreated 1, NodeDeleted 2, NodeDataChanged 3 or NodeChildrenChanged 4. */
  readonly type: number
  /** The znode that changed: below the watched one where the watch is recursive. */
  readonly path: string
  /** Of the transaction; −1 for what a reconnecting client missed. */
  readonly zxid: number
  /** The whole frame, once somebody has encoded it. Must not be changed after that. */
  encoded: Uint8Array | null

  constructor(type: number, path: string, zxid: number) {
    this.type = type
    this.path = path
    this.zxid = zxid
    this.encoded = null
  }
}

/** A connection, as far as watches are concerned. */
export interface Watcher {
  /** The session that the connection serves, for the lists that administrators ask for. */
  readonly sessionId: bigint
  /** Belongs to the {@link WatchManager}: what this connection watches. Starts as null. */
  watchSet: WatchSet | null
  /**
   * Whether the connection may read a znode with this list. Asked when an event is about to be delivered, and only where
   * not everybody may read: who has lost the right in the meantime is not told (ZOOKEEPER-1392).
   */
  mayRead(acl: readonly ACL[]): boolean
  /** Queues the event. May be called many times in a turn; must not call the watch manager back to add watches. */
  notify(event: WatchEvent): void
}
