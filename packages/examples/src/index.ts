import { cache } from './cache.ts'
import { configuration } from './configuration.ts'
import { discovery } from './discovery.ts'
import type { Example } from './example.ts'
import { leader } from './leader.ts'
import { lock } from './lock.ts'
import { queue } from './queue.ts'
import { RECIPE_EXAMPLES } from './recipes/index.ts'

/** All of them, by name. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  cache,
  configuration,
  discovery,
  leader,
  lock,
  queue,
  ...RECIPE_EXAMPLES,
}
