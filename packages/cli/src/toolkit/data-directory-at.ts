import { basename, dirname, join, resolve } from 'node:path'
import type { Disk } from '@vivarium/env'
import { CliError } from '../shell/failure.ts'

/** The data directory that is meant by its path, or by that of the `version-2` in it. @throws {CliError} if it is none */
export async function dataDirectoryAt(disk: Disk, path: string): Promise<string> {
  const full = resolve(path)
  const dataDir = basename(full) === 'version-2' ? dirname(full) : full
  if ((await disk.stat(join(dataDir, 'version-2')))?.directory === true) return dataDir
  throw new CliError(`${path} is no data directory: there is no version-2 in it`)
}
