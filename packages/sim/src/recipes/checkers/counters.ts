import type { RecipeChecker } from './checker.ts'

/** The sum, where there is one, is what was added: of that which is in doubt, some. No two were told the same number. */
export const counters: RecipeChecker = {
  name: 'counters',
  check({ additions, sums }) {
    return [...new Set(additions.map(({ thing }) => thing))].flatMap((thing) => {
      const sum = sums.get(thing)
      const here = additions.filter((addition) => addition.thing === thing)
      const done = here.filter(({ outcome }) => outcome === 'done')
      const doubts = here.filter(({ outcome }) => outcome === 'in doubt').length
      const wrong: string[] = []
      if (sum !== undefined && (sum < done.length || sum > done.length + doubts)) {
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
