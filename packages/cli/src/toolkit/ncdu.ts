import { nameOf } from '@vivarium/client'
import type { Disk } from '@vivarium/env'
import { packageVersion } from '../package-version.ts'
import { comparePaths } from '../shell/transfer/compare-trees.ts'
import type { Output } from './output.ts'
import { openSnapshot, tellDamage } from './snapshot.ts'

/** Disk usage programs tell files by these, which therefore have to differ. */
const FIRST_INODE = 1001
const LINES_AT_ONCE = 1000

/**
 * Prints the sizes of a snapshot's znodes in the format that `ncdu -f` reads (`SnapshotFormatter -json`): a list for each
 * znode with children. Memory is for the path of each.
 */
export async function showForNcdu(disk: Disk, path: string, now: Date, output: Output): Promise<number> {
  const scanner = await openSnapshot(disk, path)
  const nodes: { readonly path: string; readonly bytes: number }[] = []
  for await (const batch of scanner.batches()) {
    for (const { path: at, data } of batch) nodes.push({ path: at, bytes: data?.length ?? 0 })
  }
  nodes.sort((a, b) => comparePaths(a.path, b.path))
  const about = { progname: 'vivarium', progver: packageVersion(), timestamp: now.getTime() }
  let text = `[1,0,${JSON.stringify(about)}`
  /** How many lists are open. */
  let depth = 0
  for (const [i, { path: at, bytes }] of nodes.entries()) {
    const level = at === '/' ? 0 : at.split('/').length - 1
    text += ']'.repeat(Math.max(0, depth - level))
    depth = Math.min(depth, level)
    const name = at === '/' ? at : nameOf(at)
    const info = JSON.stringify({ name, asize: bytes, dsize: bytes, dev: 0, ino: FIRST_INODE + i })
    const hasChildren = nodes[i + 1]?.path.startsWith(at === '/' ? '/' : `${at}/`) ?? false
    text += hasChildren ? `,\n[${info}` : `,\n${info}`
    if (hasChildren) depth++
    if (i % LINES_AT_ONCE !== 0) continue
    await output.print(text)
    text = ''
  }
  await output.print(`${text}${']'.repeat(depth + 1)}\n`)
  return tellDamage(scanner, output) ? 0 : 1
}
