import { command } from '../command.ts'
import type { AdminView } from '../view.ts'

/** Whether writes are taken; clients in read-only mode ask it of every server. No newline follows. */
export const isro = command(
  'isro',
  ({ serving, mode }: AdminView) => [!serving ? 'null' : mode === 'read-only' ? 'ro' : 'rw'],
  { always: true },
)
