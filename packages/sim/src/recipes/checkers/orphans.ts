import type { RecipeChecker } from './checker.ts'

/** Once everyone has given back what they held, and sessions of the dead are over, no znode of a contender is left. */
export const orphans: RecipeChecker = {
  name: 'orphans',
  check: ({ leftovers }) =>
    [...leftovers]
      .filter(([, names]) => names.length > 0)
      .map(([path, names]) => `${path} still has ${names.join(', ')}`),
}
