import { command } from '../command.ts'
import type { AdminView } from '../view.ts'

/** Lets the counts of the server and its metrics start again. */
export const srst = command('srst', ({ stats }: AdminView) => {
  stats.reset()
  return ['Server stats reset.\n']
})
