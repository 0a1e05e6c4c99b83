import { createHash } from 'node:crypto'
import type { Entry, TreeSource } from './entry.ts'

export interface Difference {
  readonly path: string
  readonly change: 'only left' | 'only right' | 'changed'
  /** What is different, of one that both have. */
  readonly what?: readonly ('data' | 'ACL' | 'mode')[]
  readonly bytes: readonly [left: number, right: number]
}

/** Sums of a tree. */
export interface Totals {
  nodes: number
  bytes: number
  /** How many znodes there are at each depth. */
  readonly depths: number[]
}

export interface Comparison {
  /** In the order of a walk through the tree. */
  readonly differences: readonly Difference[]
  readonly totals: readonly [left: Totals, right: Totals]
}

/**
 * Compares two trees znode by znode: data, ACL, and mode where both know it; not times, versions and zxids. Memory is for a
 * line per znode of the left one.
 */
export async function compareTrees(left: TreeSource, right: TreeSource, signal: AbortSignal): Promise<Comparison> {
  const totals: [Totals, Totals] = [emptyTotals(), emptyTotals()]
  const withMode = left.knowsModes && right.knowsModes
  const known = new Map<string, { readonly fingerprint: string; readonly bytes: number }>()
  for await (const batch of left.batches(signal)) {
    for (const entry of batch) {
      count(entry, totals[0])
      known.set(entry.path, { fingerprint: fingerprint(entry, withMode), bytes: entry.data?.length ?? 0 })
    }
  }
  const differences: Difference[] = []
  for await (const batch of right.batches(signal)) {
    for (const entry of batch) {
      count(entry, totals[1])
      const path = entry.path || '/'
      const bytes = entry.data?.length ?? 0
      const before = known.get(entry.path)
      known.delete(entry.path)
      if (before === undefined) differences.push({ path, change: 'only right', bytes: [0, bytes] })
      else {
        const what = differing(before.fingerprint, fingerprint(entry, withMode))
        if (what.length > 0) differences.push({ path, change: 'changed', what, bytes: [before.bytes, bytes] })
      }
    }
  }
  for (const [path, { bytes }] of known) differences.push({ path: path || '/', change: 'only left', bytes: [bytes, 0] })
  differences.sort((a, b) => comparePaths(a.path, b.path))
  return { differences, totals }
}

/** The order in which a walk through the tree comes by: a znode, then all below it. */
export function comparePaths(a: string, b: string): number {
  const [left = '', right = ''] = [a, b].map((path) => path.replaceAll('/', '\0'))
  return left === right ? 0 : left < right ? -1 : 1
}

/** A difference in a line: `<` only left, `>` only right, `!` changed. */
export function differenceText({ path, change, what, bytes: [left, right] }: Difference): string {
  if (change !== 'changed') return `${change === 'only left' ? '<' : '>'} ${path} (${left + right} bytes)`
  return `! ${path}: ${what?.join(', ')}${left === right ? '' : ` (${left} to ${right} bytes)`}`
}

const PARTS = ['data', 'ACL', 'mode'] as const

function fingerprint({ data, acl, mode, ttlMs }: Entry, withMode: boolean): string {
  const entries = acl.map(({ perms, id }) => JSON.stringify([perms, id.scheme, id.id])).sort()
  return `${data === null ? 'null' : hash(data)} ${hash(entries.join())} ${withMode ? `${mode}${ttlMs ?? ''}` : ''}`
}

const hash = (value: Uint8Array | string): string => createHash('sha1').update(value).digest('base64').slice(0, 16)

function differing(a: string, b: string): (typeof PARTS)[number][] {
  const [left, right] = [a.split(' '), b.split(' ')]
  return PARTS.filter((_, i) => left[i] !== right[i])
}

const emptyTotals = (): Totals => ({ nodes: 0, bytes: 0, depths: [] })

function count({ path, data }: Entry, totals: Totals): void {
  const depth = path.split('/').length - 1
  totals.nodes++
  totals.bytes += data?.length ?? 0
  totals.depths[depth] = (totals.depths[depth] ?? 0) + 1
}
