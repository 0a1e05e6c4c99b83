/** WatcherEvent.type (Watcher.Event.EventType). */
export const EventType = {
  None: -1,
  NodeCreated: 1,
  NodeDeleted: 2,
  NodeDataChanged: 3,
  NodeChildrenChanged: 4,
  DataWatchRemoved: 5,
  ChildWatchRemoved: 6,
  PersistentWatchRemoved: 7,
} as const
export type EventTypeName = keyof typeof EventType

/** WatcherEvent.state (Watcher.Event.KeeperState). A server only ever sends SyncConnected. */
export const KeeperState = {
  Unknown: -1,
  Disconnected: 0,
  NoSyncConnected: 1,
  SyncConnected: 3,
  AuthFailed: 4,
  ConnectedReadOnly: 5,
  SaslAuthenticated: 6,
  Closed: 7,
  Expired: -112,
} as const
export type KeeperStateName = keyof typeof KeeperState

/** The `type` of checkWatches and removeWatches (Watcher.WatcherType). */
export const WatcherType = { Children: 1, Data: 2, Any: 3, Persistent: 4, PersistentRecursive: 5 } as const
export type WatcherTypeName = keyof typeof WatcherType

/** The `mode` of addWatch (AddWatchMode). */
export const AddWatchMode = { PERSISTENT: 0, PERSISTENT_RECURSIVE: 1 } as const
export type AddWatchModeName = keyof typeof AddWatchMode

/** Xids that stand for something other than the count of a client's requests (ClientCnxn). */
export const Xid = { NOTIFICATION: -1, PING: -2, AUTH: -4, SET_WATCHES: -8 } as const
