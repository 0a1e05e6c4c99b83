import { command } from '../command.ts'

/** Whether the process lives: no newline follows, and it says nothing of whether requests are served. */
export const ruok = command('ruok', () => ['imok'], { always: true })
