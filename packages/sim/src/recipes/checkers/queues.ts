import type { Journal } from '../journal.ts'
import type { RecipeChecker } from './checker.ts'

/** What was put in is taken once, or is there at the end; only an item that someone took in doubt may be missing. */
export const queues: RecipeChecker = {
  name: 'queues',
  check: (journal) => [...journal.left.keys()].flatMap((queue) => judge(queue, journal)),
}

function judge(queue: string, { puts, takes, left }: Journal): string[] {
  const wrong: string[] = []
  const known = new Map(puts.filter((put) => put.queue === queue).map(({ item, outcome }) => [item, outcome]))
  const mine = takes.filter((take) => take.queue === queue)
  const remaining = left.get(queue) ?? []
  const out = [
    ...mine.flatMap(({ item, outcome }) => (outcome === 'done' && item !== null ? [item] : [])),
    ...remaining,
  ]
  const seen = new Set<string>()
  for (const item of out) {
    if (seen.has(item)) wrong.push(`${item} came out of ${queue} twice`)
    seen.add(item)
    if (known.get(item) === undefined || known.get(item) === 'not done') wrong.push(`${item} was not put into ${queue}`)
  }
  const doubtful = mine.filter(({ outcome }) => outcome === 'in doubt')
  const named = new Set(doubtful.map(({ item }) => item))
  const missing = [...known].filter(([item, outcome]) => outcome === 'done' && !seen.has(item) && !named.has(item))
  const unnamed = doubtful.filter(({ item }) => item === null).length
  if (missing.length > unnamed) {
    const items = missing.map(([item]) => item).join(', ')
    wrong.push(`${missing.length} items of ${queue} are lost (${items}), and ${unnamed} were taken in doubt`)
  }
  return wrong
}

/** Nobody gets an item before its time. */
export const delays: RecipeChecker = {
  name: 'delays',
  check: ({ deliveries, dueMs }) =>
    deliveries
      .filter(({ item, atMs }) => atMs < (dueMs.get(item) ?? 0))
      .map(({ item, who, atMs }) => `${who} got ${item} ${(dueMs.get(item) ?? 0) - atMs} ms before its time`),
}
