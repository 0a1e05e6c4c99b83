import type { RecipeChecker } from './checker.ts'

/** The sum is what was added: of that which is in doubt, some. No two were told the same sum. */
export const counters: RecipeChecker = {
  name: 'counters',
  check({ additions, sums }) {
    return [...sums].flatMap(([thing, sum]) => {
      const here = additions.filter((addition) => addition.thing === thing)
      const done = here.filter(({ outcome }) => outcome === 'done')
      const doubts = here.filter(({ outcome }) => outcome === 'in doubt').length
      const wrong: string[] = []
      if (sum < done.length || sum > done.length + doubts) {
        wrong.push(`${thing} is ${sum} after ${done.length} additions, and ${doubts} in doubt`)
      }
      const after = new Map<number | null, string>()
      for (const { who, after: told } of done) {
        const other = after.get(told)
        if (other !== undefined) wrong.push(`${who} and ${other} were both told that ${thing} is ${told} now`)
        after.set(told, who)
      }
      return wrong
    })
  },
}
