import { createHash } from 'node:crypto'
import type { Disk } from '@vivarium/env'
import { ownerKind } from '@vivarium/protocol'
import type { SnapshotNode } from '@vivarium/server/storage'
import type { Output } from './output.ts'
import { comparePaths, openSnapshot, tellDamage } from './snapshot.ts'

interface Known {
  readonly fingerprint: string
  readonly bytes: number
}

interface Difference {
  readonly path: string
  readonly change: 'only left' | 'only right' | 'changed'
  /** What is different, of one that both have. */
  readonly what?: readonly string[]
  readonly bytes: readonly [left: number, right: number]
}

interface Totals {
  nodes: number
  bytes: number
  readonly depths: number[]
}

/**
 * Compares two snapshots znode by znode: data, ACL and kind, not times, versions and zxids. Ephemerals belong to sessions,
 * and do not count. Memory is for a line per znode of the left one.
 *
 * @returns the exit code: 0 if they are equal, 1 if not, 2 if one is damaged
 */
export async function compareSnapshots(
  disk: Disk,
  left: string,
  right: string,
  json: boolean,
  output: Output,
): Promise<number> {
  const known = new Map<string, Known>()
  const totals: Totals[] = [left, right].map(() => ({ nodes: 0, bytes: 0, depths: [] }))
  const [ofLeft, ofRight] = totals as [Totals, Totals]
  const leftScanner = await openSnapshot(disk, left)
  for await (const batch of leftScanner.batches()) {
    for (const node of batch) {
      if (!counts(node, ofLeft)) continue
      known.set(node.path, { fingerprint: fingerprint(node), bytes: node.data?.length ?? 0 })
    }
  }
  const found: Difference[] = []
  const rightScanner = await openSnapshot(disk, right)
  for await (const batch of rightScanner.batches()) {
    for (const node of batch) {
      if (!counts(node, ofRight)) continue
      const { path } = node
      const bytes = node.data?.length ?? 0
      const before = known.get(path)
      known.delete(path)
      if (before === undefined) found.push({ path, change: 'only right', bytes: [0, bytes] })
      else {
        const what = differing(before.fingerprint, fingerprint(node))
        if (what.length > 0) found.push({ path, change: 'changed', what, bytes: [before.bytes, bytes] })
      }
    }
  }
  for (const [path, { bytes }] of known) found.push({ path, change: 'only left', bytes: [bytes, 0] })
  found.sort((a, b) => comparePaths(a.path, b.path))
  const isWhole = [leftScanner, rightScanner].map((scanner) => tellDamage(scanner, output)).every(Boolean)
  if (!json) for (const [i, path] of [left, right].entries()) await output.print(totalsText(path, totals[i] as Totals))
  for (const difference of found) {
    await output.print(json ? `${JSON.stringify(difference)}\n` : `${differenceText(difference)}\n`)
  }
  if (!json) await output.print(found.length === 0 ? 'They are equal.\n' : `${found.length} znodes differ.\n`)
  return isWhole ? Math.min(1, found.length) : 2
}

const PARTS = ['data', 'ACL', 'kind'] as const

function fingerprint({ data, acl, stat }: SnapshotNode): string {
  const hash = (value: Uint8Array | string): string => createHash('sha1').update(value).digest('base64').slice(0, 16)
  const entries = acl.map(({ perms, id }) => JSON.stringify([perms, id.scheme, id.id])).sort()
  const kind = kindOf(stat.ephemeralOwner)
  const owner = kind === 'TTL' ? `TTL${stat.ephemeralOwner}` : kind
  return `${data === null ? 'null' : hash(data)} ${hash(entries.join())} ${owner}`
}

const differing = (a: string, b: string): string[] => {
  const [left, right] = [a, b].map((text) => text.split(' '))
  return PARTS.filter((_, i) => left?.[i] !== right?.[i])
}

const kindOf = (owner: bigint) => ownerKind(owner, { extendedTypes: true, emulate353: false })

function counts({ path, data, stat }: SnapshotNode, totals: Totals): boolean {
  if (kindOf(stat.ephemeralOwner) === 'EPHEMERAL') return false
  const depth = path === '/' ? 0 : path.split('/').length - 1
  totals.nodes++
  totals.bytes += data?.length ?? 0
  totals.depths[depth] = (totals.depths[depth] ?? 0) + 1
  return true
}

function totalsText(path: string, { nodes, bytes, depths }: Totals): string {
  const perDepth = depths.map((count, depth) => `Count of nodes at depth ${depth}: ${count}\n`).join('')
  return `${path}\nNode count: ${nodes}\nTotal size: ${bytes}\nMax depth: ${depths.length}\n${perDepth}\n`
}

function differenceText({ path, change, what, bytes: [left, right] }: Difference): string {
  if (change !== 'changed') return `${change === 'only left' ? '<' : '>'} ${path} (${left + right} bytes)`
  return `! ${path}: ${what?.join(', ')}${left === right ? '' : ` (${left} to ${right} bytes)`}`
}
