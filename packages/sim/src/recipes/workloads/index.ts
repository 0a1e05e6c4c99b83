import { barrier, doubleBarrier } from './barrier.ts'
import { atomicLong, sequence, sharedCounter } from './counters.ts'
import { caches, configWatch, group, party, services } from './groups.ts'
import { leaderElection, leaderLatch } from './leaders.ts'
import { timedLease } from './leases.ts'
import { multiLock, mutex, readWriteLock, semaphore, setPartitioner } from './locks.ts'
import { delayQueue, priorityQueue, queue, workQueue } from './queues.ts'
import { revocableLock } from './revocation.ts'
import { ttlNodes } from './ttl-nodes.ts'
import type { Workload } from './workload.ts'

export type { Workload } from './workload.ts'

export const RECIPE_WORKLOADS: readonly Workload[] = [
  mutex,
  readWriteLock,
  semaphore,
  multiLock,
  setPartitioner,
  revocableLock,
  timedLease,
  leaderLatch,
  leaderElection,
  atomicLong,
  sharedCounter,
  sequence,
  queue,
  priorityQueue,
  delayQueue,
  workQueue,
  barrier,
  doubleBarrier,
  group,
  party,
  services,
  configWatch,
  ttlNodes,
  caches,
]
