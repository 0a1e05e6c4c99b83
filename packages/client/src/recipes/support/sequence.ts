/** What servers append to the name of a sequential znode: Java's `%010d` of an int. */
const NUMBER = /^(?:\d{10}|-\d{9,10})$/

/** The number in a name, after the last of any of the markers; null if the name has none of them, or no number after it. */
export function sequenceOf(name: string, markers: readonly string[]): number | null {
  for (const marker of markers) {
    const at = name.lastIndexOf(marker)
    if (at === -1) continue
    const digits = name.slice(at + marker.length)
    if (NUMBER.test(digits)) return Number(digits)
  }
  return null
}

/** Which of two numbers was given first. Servers before 3.9 went on below zero after 2^31 − 1. */
export function compareSequences(a: number, b: number): number {
  return (a - b) | 0
}

/** The names that have one of the markers, in the order of their numbers. All others are someone else's business. */
export function inSequence(names: readonly string[], markers: readonly string[]): string[] {
  const numbered: { name: string; sequence: number }[] = []
  for (const name of names) {
    const sequence = sequenceOf(name, markers)
    if (sequence !== null) numbered.push({ name, sequence })
  }
  return numbered.sort((a, b) => compareSequences(a.sequence, b.sequence)).map(({ name }) => name)
}

/** The last of the names with one of the markers that comes before `sequence`; null if none does. */
export function predecessor(names: readonly string[], sequence: number, markers: readonly string[]): string | null {
  let last: string | null = null
  let best = 0
  for (const name of names) {
    const other = sequenceOf(name, markers)
    if (other === null || compareSequences(other, sequence) >= 0) continue
    if (last === null || compareSequences(other, best) > 0) {
      last = name
      best = other
    }
  }
  return last
}
