import { barrier } from './barrier.ts'
import { atomicLong, sharedCounter } from './counters.ts'
import { caches, group } from './groups.ts'
import { leaderElection, leaderLatch } from './leaders.ts'
import { mutex, readWriteLock, semaphore } from './locks.ts'
import { queue, workQueue } from './queues.ts'
import type { Workload } from './workload.ts'

export type { Workload } from './workload.ts'

export const RECIPE_WORKLOADS: readonly Workload[] = [
  mutex,
  readWriteLock,
  semaphore,
  leaderLatch,
  leaderElection,
  atomicLong,
  sharedCounter,
  queue,
  workQueue,
  barrier,
  group,
  caches,
]
