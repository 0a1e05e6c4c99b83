import type { Stat } from '@vivarium/client'
import { formatZxid } from '@vivarium/protocol'
import { javaDate } from './java-date.ts'

const owner = ({ ephemeralOwner }: Stat): string => `0x${BigInt.asUintN(64, ephemeralOwner).toString(16)}`

/** A znode's stat as zkCli prints it (`StatPrinter`). */
export function statText(stat: Stat): string {
  return [
    `cZxid = ${formatZxid(stat.czxid)}`,
    `ctime = ${javaDate(stat.ctime)}`,
    `mZxid = ${formatZxid(stat.mzxid)}`,
    `mtime = ${javaDate(stat.mtime)}`,
    `pZxid = ${formatZxid(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = ${owner(stat)}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ].join('\n')
}

/** A stat for programs: 64-bit numbers as text, times as ISO 8601. */
export function statValue(stat: Stat): Record<string, string | number> {
  return {
    czxid: formatZxid(stat.czxid),
    ctime: new Date(stat.ctime).toISOString(),
    mzxid: formatZxid(stat.mzxid),
    mtime: new Date(stat.mtime).toISOString(),
    pzxid: formatZxid(stat.pzxid),
    cversion: stat.cversion,
    version: stat.version,
    aversion: stat.aversion,
    ephemeralOwner: owner(stat),
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
  }
}
