import { join } from 'node:path'
import type { Disk } from '@vivarium/env'
import { Purger } from '@vivarium/server/storage'
import { dataDirectoryAt } from './data-directory-at.ts'
import type { Output } from './output.ts'

export interface PurgeOptions {
  readonly dataDir: string
  readonly dataLogDir: string | undefined
  /** How many snapshots stay. */
  readonly retain: number
}

/**
 * Removes old snapshots, and the logs that only they need (`zkCleanup.sh`, PurgeTxnLog). A server may run: what it needs to
 * start from the snapshots that stay is left alone.
 *
 * @returns the exit code: 1 if damaged snapshots were found, which do not count
 */
export async function purge(disk: Disk, options: PurgeOptions, output: Output): Promise<number> {
  const dataDir = await dataDirectoryAt(disk, options.dataDir)
  const dataLogDir = options.dataLogDir === undefined ? dataDir : await dataDirectoryAt(disk, options.dataLogDir)
  const [snapshotDirectory, logDirectory] = [join(dataDir, 'version-2'), join(dataLogDir, 'version-2')]
  const purger = new Purger({ disk, snapshotDirectory, logDirectory, retain: options.retain })
  const { removed, damaged } = await purger.purge()
  for (const path of removed) await output.print(`Removing file: ${path}\n`)
  for (const path of damaged) output.warn(`${path} is damaged, does not count, and was left where it is`)
  return damaged.length === 0 ? 0 : 1
}
