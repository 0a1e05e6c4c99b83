export {
  countedPath,
  isQuotaNode,
  limitedPath,
  limitsPath,
  QUOTA_ROOT,
  statsPath,
  topNamespace,
} from './quota-paths.ts'
export { type NamespaceQuotas, type QuotaObserver, Quotas, type QuotaTree } from './quotas.ts'
export { StatsTrack } from './stats-track.ts'
