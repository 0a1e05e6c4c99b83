import { command } from '../command.ts'
import type { AdminView } from '../view.ts'

/** Lets the counts of every connection start again. */
export const crst = command('crst', (view: AdminView) => {
  for (const connection of view.connections()) connection.stats.reset()
  return ['Connection stats reset.\n']
})
