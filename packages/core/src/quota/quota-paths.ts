/** Below this each quota has a znode of its own: that of `/a/b` is `/zookeeper/quota/a/b`. */
export const QUOTA_ROOT = '/zookeeper/quota'
export const LIMITS_NODE = 'zookeeper_limits'
export const STATS_NODE = 'zookeeper_stats'

const LIMITS_SUFFIX = `/${LIMITS_NODE}`
const STATS_SUFFIX = `/${STATS_NODE}`

/** Where the limits of `path` stand. */
export function limitsPath(path: string): string {
  return QUOTA_ROOT + path + LIMITS_SUFFIX
}

/** Where the usage of `path` stands. */
export function statsPath(path: string): string {
  return QUOTA_ROOT + path + STATS_SUFFIX
}

export function isQuotaNode(path: string): boolean {
  return path.startsWith(QUOTA_ROOT) && path.charCodeAt(QUOTA_ROOT.length) === 47
}

/** The path that these limits are for, or null if `path` is not that of limits. The root has none. */
export function limitedPath(path: string): string | null {
  return trimmed(path, LIMITS_SUFFIX)
}

/** The path whose usage this is, or null if `path` is not that of a usage. The root has none. */
export function countedPath(path: string): string | null {
  return trimmed(path, STATS_SUFFIX)
}

/** The first element of a path, by which metrics are kept; null for the root (PathUtils.getTopNamespace). */
export function topNamespace(path: string): string | null {
  const slash = path.indexOf('/', 1)
  return path.length <= 1 ? null : path.slice(1, slash < 0 ? path.length : slash)
}

function trimmed(path: string, suffix: string): string | null {
  if (!isQuotaNode(path) || !path.endsWith(suffix) || path.length <= QUOTA_ROOT.length + suffix.length) return null
  return path.slice(QUOTA_ROOT.length, -suffix.length)
}
