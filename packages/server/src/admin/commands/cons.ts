import { command } from '../command.ts'
import { briefConnection, fullConnection } from '../connection-line.ts'
import type { AdminView } from '../view.ts'

/** Every connection, with its session and its latencies. */
export const cons = command('cons', function* (view: AdminView) {
  for (const connection of view.connections()) yield `${briefConnection(connection)}${fullConnection(connection)})\n`
  yield '\n'
})
