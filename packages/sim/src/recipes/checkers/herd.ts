import type { RecipeChecker } from './checker.ts'

/** Where each waits for the one before it alone. */
const QUEUES = [/^\/locks\/mutex\//, /^\/leaders\//]
/** The owner, and the next in line. */
const MOST_TOLD = 2

/**
 * The end of one place in a queue is told to the one whose it was and to the next; nobody watches the whole queue. (One that
 * has given up is told, too: servers do not know that nobody there listens any more.)
 */
export const herd: RecipeChecker = {
  name: 'herd',
  check({ isPatient, told: { deletions, childChanges } }) {
    if (!isPatient) return []
    const isQueue = (path: string): boolean => QUEUES.some((pattern) => pattern.test(path))
    const crowds = [...deletions].filter(([path, clients]) => isQueue(path) && clients.size > MOST_TOLD)
    const watched = [...childChanges].filter(([path]) => isQueue(`${path}/`))
    return [
      ...crowds.map(
        ([path, clients]) => `${clients.size} clients were woken when ${path} went: ${[...clients].join(', ')}`,
      ),
      ...watched.map(([path, times]) => `changes among the contenders at ${path} were told ${times} times`),
    ]
  },
}
