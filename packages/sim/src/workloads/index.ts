import { counter } from './counter.ts'
import { locks } from './locks.ts'
import { mixed } from './mixed.ts'
import { queue } from './queue.ts'
import { watching } from './watching.ts'
import type { Workload } from './workload.ts'

/** Mixed stands first: every run has a client that does everything. */
export const WORKLOADS: readonly Workload[] = [mixed, queue, counter, locks, watching]
