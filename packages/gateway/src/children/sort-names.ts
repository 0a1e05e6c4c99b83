import { setImmediate as turn } from 'node:timers/promises'

/** So many names take a millisecond or two. */
const PIECE = 4096

/** Sorts names as `sort` does. Many of them are sorted in pieces, between which others have their turn. */
export async function sortNames(names: string[]): Promise<string[]> {
  if (names.length <= PIECE) return names.sort()
  let runs: string[][] = []
  for (let at = 0; at < names.length; at += PIECE) {
    runs.push(names.slice(at, at + PIECE).sort())
    await turn()
  }
  while (runs.length > 1) {
    const merged: string[][] = []
    for (let i = 0; i < runs.length; i += 2) merged.push(await merge(runs[i] ?? [], runs[i + 1] ?? []))
    runs = merged
  }
  return runs[0] ?? []
}

async function merge(a: readonly string[], b: readonly string[]): Promise<string[]> {
  const merged: string[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (merged.length % PIECE === PIECE - 1) await turn()
    const [left, right] = [a[i], b[j]]
    if (right === undefined || (left !== undefined && left <= right)) {
      merged.push(left as string)
      i++
    } else {
      merged.push(right)
      j++
    }
  }
  return merged
}
