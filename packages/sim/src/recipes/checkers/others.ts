import type { RecipeChecker } from './checker.ts'

/** Nobody deletes what stands for another one's right. (At the end of a session the servers do, in time.) */
export const thefts: RecipeChecker = {
  name: 'thefts',
  check: ({ holds }) =>
    holds
      .filter(({ robbed }) => robbed)
      .map(({ who, thing, untilMs }) => `${who} was robbed of ${thing} at ${untilMs} ms`),
}

/** When nothing changes any more, all copies are what there is. */
export const copies: RecipeChecker = {
  name: 'copies',
  check: ({ copies, there }) =>
    copies.flatMap(({ of, who, had }) => {
      const expected = there.get(of) ?? []
      const missing = expected.filter((line) => !had.includes(line))
      const wrong = had.filter((line) => !expected.includes(line))
      if (missing.length + wrong.length === 0) return []
      return [
        `${who}'s copy of ${of} lacks ${missing.join(', ') || 'nothing'} and has ${wrong.join(', ') || 'nothing'} more`,
      ]
    }),
}

/** When no fault is left, everyone has a turn at everything, and comes to an end. */
export const turns: RecipeChecker = { name: 'turns', check: ({ stalled }) => [...stalled] }

/** No recipe throws what it does not say. */
export const manners: RecipeChecker = { name: 'manners', check: ({ crashes }) => [...crashes] }
