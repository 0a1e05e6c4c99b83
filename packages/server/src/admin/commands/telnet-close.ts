import { command } from '../command.ts'

/** What telnet sends when it is told to close: nothing is answered, and the connection ends. */
export const telnetClose = command('telnet close', () => [], { always: true })
