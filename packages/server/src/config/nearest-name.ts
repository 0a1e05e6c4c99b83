/** A name this long is compared no further: no key is, and the cost grows with the square. */
const LONGEST = 80

/**
 * The name that `name` was probably meant to be: the same but for case and punctuation, or at most a third of it (three
 * letters at most) mistyped. Undefined when nothing is near.
 */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined
  const wanted = normal(name)
  let nearest: string | undefined
  let least = Math.min(3, Math.floor(wanted.length / 3)) + 1
  for (const candidate of names) {
    const distance = editDistance(wanted, normal(candidate), least)
    if (distance >= least) continue
    nearest = candidate
    least = distance
  }
  return nearest
}

const normal = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

/** How many letters must be inserted, removed, replaced or swapped with their neighbour; `limit` if that many or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1)
      row.push(cost)
    }
    before = previous
    previous = row
  }
  return Math.min(limit, previous[b.length]!)
}
