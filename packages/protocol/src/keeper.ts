/**
 * Operations that ClickHouse Keeper adds to ZooKeeper's (Coordination::OpNum). A server that has them says so in the znode
 * `/keeper/feature_flags`.
 */
export const KeeperOp = {
  filteredList: 500,
  checkNotExists: 501,
  createIfNotExists: 502,
  removeRecursive: 503,
  checkStat: 504,
  tryRemove: 505,
  listWithStatsAndData: 506,
  listRecursive: 507,
} as const

/** What a filtered list has (ListRequestType). */
export const ListFilter = { ALL: 0, PERSISTENT_ONLY: 1, EPHEMERAL_ONLY: 2 } as const

/** Bits of `/keeper/feature_flags`, by their number (KeeperFeatureFlag). */
export const KeeperFlag = {
  FILTERED_LIST: 0,
  MULTI_READ: 1,
  CHECK_NOT_EXISTS: 2,
  CREATE_IF_NOT_EXISTS: 3,
  REMOVE_RECURSIVE: 4,
  MULTI_WATCHES: 5,
  CHECK_STAT: 6,
  PERSISTENT_WATCHES: 7,
  CREATE_WITH_STATS: 8,
  TRY_REMOVE: 9,
  LIST_WITH_STAT_AND_DATA: 10,
} as const
