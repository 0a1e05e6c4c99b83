import { command } from '../command.ts'
import type { AdminView } from '../view.ts'

/** Sets the trace mask to the eight bytes that follow, and answers as gtmk does. */
export const stmk = command(
  'stmk',
  (view: AdminView, argument: Uint8Array) => {
    view.traceMask = new DataView(argument.buffer, argument.byteOffset, 8).getBigInt64(0)
    return [String(view.traceMask)]
  },
  { always: true, argumentBytes: 8 },
)
