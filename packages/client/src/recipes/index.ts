export { type AtomicChange, AtomicLong } from './atomic-long.ts'
export { Barrier } from './barrier.ts'
export type { DerivedCache } from './cache/derived-cache.ts'
export { NodeCache, type NodeCacheOptions } from './cache/node-cache.ts'
export { PathCache, type PathCacheOptions } from './cache/path-cache.ts'
export type { CachedNode } from './cache/picture.ts'
export { TreeCache } from './cache/tree-cache.ts'
export { type CacheChange, type CacheOptions, ZnodeCache } from './cache/znode-cache.ts'
export {
  type ConfigChange,
  ConfigError,
  type ConfigProblem,
  ConfigWatch,
  type ConfigWatchOptions,
} from './config-watch.ts'
export { DelayQueue } from './delay-queue.ts'
export type { DownInstancePolicy } from './discovery/down-instances.ts'
export { ServiceCache, type ServiceChange } from './discovery/service-cache.ts'
export {
  type NewInstance,
  type Registration,
  ServiceDiscovery,
  type ServiceDiscoveryOptions,
} from './discovery/service-discovery.ts'
export { InstanceFormatError, type ServiceInstance, type ServiceType } from './discovery/service-instance.ts'
export { type ProviderOptions, ServiceProvider } from './discovery/service-provider.ts'
export { type ProviderStrategy, randomly, roundRobin, sticky } from './discovery/strategies.ts'
export { buildUri, parseUriSpec, type UriSpec } from './discovery/uri-spec.ts'
export { DoubleBarrier, type DoubleBarrierOptions } from './double-barrier.ts'
export { LeaderElection, type LeaderElectionOptions } from './leader-election.ts'
export { LeaderLatch, type LeaderLatchOptions } from './leader-latch.ts'
export { type Acquirable, type MultiHolding, MultiLock } from './multi-lock.ts'
export { type AcquireOptions, type Layout, type LockOptions, Mutex } from './mutex.ts'
export { GroupMember, type GroupMemberOptions } from './nodes/group-member.ts'
export { Party, type PartyOptions } from './nodes/party.ts'
export { PersistentNode, type PersistentNodeOptions, type Presence } from './nodes/persistent-node.ts'
export { PersistentTtlNode, type PersistentTtlNodeOptions } from './nodes/persistent-ttl-node.ts'
export { PriorityQueue, type PriorityQueueOptions } from './priority-queue.ts'
export { Queue } from './queue.ts'
export { ReadWriteLock } from './read-write-lock.ts'
export { requestRevocation } from './revocable-lock.ts'
export { Semaphore, type SemaphoreOptions } from './semaphore.ts'
export { SequenceGenerator, type SequenceGeneratorOptions } from './sequence-generator.ts'
export { SetPartitioner, type SetPartitionerOptions, type Share } from './set-partitioner.ts'
export { SharedCounter, type SharedCounterOptions } from './shared-counter.ts'
export type { Contender } from './support/contend.ts'
export { type LossReason, OwnershipLostError, WaitTimeoutError } from './support/errors.ts'
export type { FeedOptions, Missed } from './support/feed.ts'
export type { Certainty, Holding } from './support/holding.ts'
export { TimedLease } from './timed-lease.ts'
export { childrenWatch } from './watching/children-watch.ts'
export { dataWatch } from './watching/data-watch.ts'
export { WorkItem, WorkQueue, type WorkQueueOptions } from './work-queue.ts'
