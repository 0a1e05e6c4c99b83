import type { Example } from '../example.ts'
import { atomicLong } from './atomic-long.ts'
import { barrier } from './barrier.ts'
import { configWatch } from './config-watch.ts'
import { delayQueue } from './delay-queue.ts'
import { doubleBarrier } from './double-barrier.ts'
import { groupMember } from './group-member.ts'
import { leaderElection } from './leader-election.ts'
import { multiLock } from './multi-lock.ts'
import { nodeCache } from './node-cache.ts'
import { party } from './party.ts'
import { pathCache } from './path-cache.ts'
import { persistentNode } from './persistent-node.ts'
import { persistentTtlNode } from './persistent-ttl-node.ts'
import { priorityQueue } from './priority-queue.ts'
import { readWriteLock } from './read-write-lock.ts'
import { revocableLock } from './revocable-lock.ts'
import { semaphore } from './semaphore.ts'
import { sequenceGenerator } from './sequence-generator.ts'
import { setPartitioner } from './set-partitioner.ts'
import { sharedCounter } from './shared-counter.ts'
import { simpleQueue } from './simple-queue.ts'
import { timedLease } from './timed-lease.ts'
import { watching } from './watching.ts'

/** One for each recipe that the others have none for, by the name of its page. */
export const RECIPE_EXAMPLES: Readonly<Record<string, Example>> = {
  'atomic-long': atomicLong,
  barrier,
  'config-watch': configWatch,
  'delay-queue': delayQueue,
  'double-barrier': doubleBarrier,
  'group-member': groupMember,
  'leader-election': leaderElection,
  'multi-lock': multiLock,
  'node-cache': nodeCache,
  party,
  'path-cache': pathCache,
  'persistent-node': persistentNode,
  'persistent-ttl-node': persistentTtlNode,
  'priority-queue': priorityQueue,
  'read-write-lock': readWriteLock,
  'revocable-lock': revocableLock,
  semaphore,
  'sequence-generator': sequenceGenerator,
  'set-partitioner': setPartitioner,
  'shared-counter': sharedCounter,
  'simple-queue': simpleQueue,
  'timed-lease': timedLease,
  watching,
}
