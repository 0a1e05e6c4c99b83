import { command } from '../command.ts'
import type { AdminView } from '../view.ts'

/** The trace mask, in decimal and without a newline. */
export const gtmk = command('gtmk', (view: AdminView) => [String(view.traceMask)], { always: true })
