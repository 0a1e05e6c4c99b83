/** Where quotas are kept. */
export const QUOTA_ROOT = '/zookeeper/quota'
export const LIMITS = 'zookeeper_limits'
export const STATS = 'zookeeper_stats'

/** Where the quota of a path is kept, and its limits and statistics in that (`Quotas`). */
export const quotaPath = (path: string): string => QUOTA_ROOT + path
export const limitsPath = (path: string): string => `${quotaPath(path)}/${LIMITS}`
export const statsPath = (path: string): string => `${quotaPath(path)}/${STATS}`
/** The path that has its quota here. */
export const quotaOwner = (path: string): string => path.slice(QUOTA_ROOT.length)
