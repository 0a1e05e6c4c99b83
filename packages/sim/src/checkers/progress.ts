import type { Checker } from './violation.ts'

/** Once all faults are over, every client is served again within a bounded time. */
export const progress: Checker = { name: 'progress', check: ({ stalled }) => stalled }
