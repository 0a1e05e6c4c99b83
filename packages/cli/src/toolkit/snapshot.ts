import type { Disk } from '@vivarium/env'
import { formatZxid, ownerKind } from '@vivarium/protocol'
import { type SnapshotNode, SnapshotScanner, snapshotAt } from '@vivarium/server/storage'
import { CliError } from '../shell/failure.ts'
import { aclValue } from '../shell/format/acl.ts'
import { dataValue } from '../shell/format/data.ts'
import { javaDate } from '../shell/format/java-date.ts'
import { comparePaths } from '../shell/transfer/compare-trees.ts'
import type { Output } from './output.ts'

/** Opens the snapshot at a path. @throws {CliError} if its name is none of a snapshot, or there is no such file */
export async function openSnapshot(disk: Disk, path: string): Promise<SnapshotScanner> {
  const found = await disk.stat(path)
  if (found === null || found.directory) throw new CliError(`${path} is no file`)
  const file = snapshotAt(path)
  if (file === null) throw new CliError(`${path}: the name of a snapshot is snapshot.<zxid>, with .gz or .snappy`)
  return new SnapshotScanner(disk, file)
}

/** Whether a snapshot is whole; if not, says so. */
export function tellDamage({ damage, file }: SnapshotScanner, output: Output): boolean {
  if (damage !== null) output.warn(`${file.path} is damaged: ${damage}`)
  return damage === null
}

const long = (value: bigint | number): string => `0x${BigInt.asUintN(64, BigInt(value)).toString(16).padStart(14, '0')}`

/** Prints a snapshot as Java's `SnapshotFormatter` does, znodes in the order of the file. Returns the exit code. */
export async function showSnapshot(disk: Disk, path: string, withData: boolean, output: Output): Promise<number> {
  // The number of znodes comes first, and the file does not say it: it is read twice.
  const counted = await openSnapshot(disk, path)
  let count = 0
  for await (const batch of counted.batches()) count += batch.length
  const scanner = await openSnapshot(disk, path)
  await output.print(`ZNode Details (count=${count}):\n`)
  const ephemerals = new Map<bigint, number>()
  let lastZxid = scanner.file.zxid
  for await (const batch of scanner.batches()) {
    await output.print(batch.map((node) => `----\n${nodeText(node, withData)}\n`).join(''))
    for (const { stat } of batch) {
      lastZxid = Math.max(lastZxid, stat.mzxid, stat.pzxid)
      const { ephemeralOwner } = stat
      ephemerals.set(ephemeralOwner, (ephemerals.get(ephemeralOwner) ?? 0) + 1)
    }
  }
  const sessions = [...scanner.sessions].map(([id, ms]) => `${long(id)}, ${ms}, ${ephemerals.get(id) ?? 0}\n`)
  await output.print(`----\nSession Details (sid, timeout, ephemeralCount):\n${sessions.join('')}`)
  const digest = scanner.trailer?.digest
  if (digest != null) {
    const value = BigInt.asIntN(64, (BigInt(digest.high) << 32n) | BigInt(digest.low >>> 0))
    await output.print(`Target zxid digest is: ${digest.zxid.toString(16)}, ${value}\n`)
  }
  await output.print(`----\nLast zxid: ${formatZxid(lastZxid)}\n`)
  return tellDamage(scanner, output) ? 0 : 1
}

function nodeText({ path, data, stat }: SnapshotNode, withData: boolean): string {
  return [
    path,
    `  cZxid = ${long(stat.czxid)}`,
    `  ctime = ${javaDate(stat.ctime)}`,
    `  mZxid = ${long(stat.mzxid)}`,
    `  mtime = ${javaDate(stat.mtime)}`,
    `  pZxid = ${long(stat.pzxid)}`,
    `  cversion = ${stat.cversion}`,
    `  dataVersion = ${stat.version}`,
    `  aclVersion = ${stat.aversion}`,
    `  ephemeralOwner = ${long(stat.ephemeralOwner)}`,
    withData
      ? `  data = ${data === null ? '' : Buffer.from(data).toString('base64')}`
      : `  dataLength = ${data?.length ?? 0}`,
  ].join('\n')
}

/** Prints a snapshot as JSON: a line for each znode. Returns the exit code. */
export async function showSnapshotJson(disk: Disk, path: string, output: Output): Promise<number> {
  const scanner = await openSnapshot(disk, path)
  for await (const batch of scanner.batches()) {
    await output.print(batch.map((node) => `${JSON.stringify(nodeValue(node))}\n`).join(''))
  }
  return tellDamage(scanner, output) ? 0 : 1
}

function nodeValue({ path, data, acl, stat }: SnapshotNode): Record<string, unknown> {
  return {
    path,
    ...dataValue({ data: Buffer.from(data ?? []), isNull: data === null }),
    acl: aclValue(acl),
    kind: ownerKind(stat.ephemeralOwner, { extendedTypes: true, emulate353: false }),
    stat: {
      czxid: formatZxid(stat.czxid),
      ctime: new Date(stat.ctime).toISOString(),
      mzxid: formatZxid(stat.mzxid),
      mtime: new Date(stat.mtime).toISOString(),
      pzxid: formatZxid(stat.pzxid),
      cversion: stat.cversion,
      version: stat.version,
      aversion: stat.aversion,
      ephemeralOwner: `0x${BigInt.asUintN(64, stat.ephemeralOwner).toString(16)}`,
    },
  }
}

interface Sum {
  path: string
  znodes: number
  bytes: number
}

/**
 * Prints how many znodes and bytes are below each znode that has children (`SnapshotRecursiveSummary`).
 *
 * @param depth how far below `start` znodes are shown; 0: all. Memory is for those that are shown
 */
export async function summarizeSnapshot(
  disk: Disk,
  path: string,
  start: string,
  depth: number,
  json: boolean,
  output: Output,
): Promise<number> {
  const scanner = await openSnapshot(disk, path)
  const sums = new Map<string, Sum>()
  const inner = new Set<string>()
  const base = start === '/' ? 0 : start.split('/').length - 1
  for await (const batch of scanner.batches()) {
    for (const { path: at, data } of batch) {
      if (at !== start && !at.startsWith(start === '/' ? '/' : `${start}/`)) continue
      const names = at === '/' ? [] : at.split('/').slice(1)
      const deepest = depth === 0 ? names.length : Math.min(names.length, base + depth)
      for (let level = base; level <= deepest; level++) {
        const above = level === 0 ? '/' : `/${names.slice(0, level).join('/')}`
        const sum = sums.get(above) ?? { path: above, znodes: 0, bytes: 0 }
        sums.set(above, sum)
        sum.znodes++
        sum.bytes += data?.length ?? 0
        if (level < names.length) inner.add(above)
      }
    }
  }
  if (!sums.has(start)) throw new CliError(`there is no znode ${start} in ${path}`)
  const shown = [...sums.values()].filter((sum) => inner.has(sum.path)).sort((a, b) => comparePaths(a.path, b.path))
  for (const { path: at, znodes, bytes } of shown) {
    const tab = '--'.repeat((at === '/' ? 0 : at.split('/').length - 1) - base)
    const text = `${tab} ${at}\n${tab}   children: ${znodes - 1}\n${tab}   data: ${bytes}\n`
    await output.print(json ? `${JSON.stringify({ path: at, descendants: znodes - 1, bytes })}\n` : text)
  }
  return tellDamage(scanner, output) ? 0 : 1
}
