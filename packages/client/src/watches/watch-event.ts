import type { Zxid } from '@vivarium/protocol'

/** A change of a znode, as a server tells it. */
export interface NodeEvent {
  readonly type: 'NodeCreated' | 'NodeDeleted' | 'NodeDataChanged' | 'NodeChildrenChanged'
  readonly path: string
  /** The transaction that did it; −1 where the server did not say: before 3.9, and for changes of while it was away. */
  readonly zxid: Zxid
}

/** The watch is gone, and nothing more comes from it. */
export interface WatchLostEvent {
  readonly type: 'WatchLost'
  readonly path: string
  /** Its session was lost, it was removed, or the client was closed. */
  readonly reason: 'session' | 'removed' | 'closed'
}

export type WatchEvent = NodeEvent | WatchLostEvent

/** Called with what a watch tells; in the order of arrival, replies included. */
export type Watcher = (event: WatchEvent) => void
