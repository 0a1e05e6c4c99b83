import { command } from '../command.ts'
import { briefConnection } from '../connection-line.ts'
import type { AdminView } from '../view.ts'
import { serverFigures, serverHead } from './srvr.ts'

/** What srvr tells, with a line for each connection. */
export const stat = command('stat', function* (view: AdminView) {
  yield serverHead(view)
  yield 'Clients:\n'
  for (const connection of view.connections()) yield `${briefConnection(connection)})\n`
  yield '\n'
  yield serverFigures(view)
})
