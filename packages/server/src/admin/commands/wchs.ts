import { command } from '../command.ts'
import type { AdminView } from '../view.ts'

/** How many watch what. Like its two companions it looks at data watches only, as in Java. */
export const wchs = command('wchs', (view: AdminView) => {
  const { connections, paths, watches } = view.watchSummary()
  return [`${connections} connections watching ${paths} paths\nTotal watches:${watches}\n`]
})
