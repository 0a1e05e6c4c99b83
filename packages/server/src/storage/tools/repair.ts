import { basename, dirname, join } from 'node:path'
import type { Disk } from '@vivarium/env'
import { copyLog } from './copy-log.ts'
import type { Repair, RepairStep } from './finding.ts'

const COPY_BYTES = 4 * 1024 * 1024

/**
 * Does what a repair says. What it changes or takes away is kept beside the `version-2` directory that it is in.
 *
 * @param stamp names the folder: `before-repair-<stamp>`
 * @returns the folders that have what was there before
 * @throws {DiskError} on the way: what was done so far is as good as it was, and the copies are there
 */
export async function applyRepair(disk: Disk, repair: Repair, stamp: string): Promise<string[]> {
  const folders = new Set<string>()
  for (const step of repair.steps) {
    const directory = dirname(step.path)
    const folder = join(dirname(directory), `before-repair-${stamp}`)
    await disk.makeDirectory(folder)
    folders.add(folder)
    await applyStep(disk, step, join(folder, basename(step.path)))
    await disk.syncDirectory(folder)
    await disk.syncDirectory(directory)
  }
  return [...folders]
}

async function applyStep(disk: Disk, step: RepairStep, kept: string): Promise<void> {
  const { path } = step
  switch (step.type) {
    case 'set-aside':
      return await disk.rename(path, kept)
    case 'truncate': {
      await copyFile(disk, path, kept)
      const file = await disk.open(path, 'update')
      try {
        await file.truncate(step.size)
        await file.sync()
      } finally {
        await file.close()
      }
      return
    }
    case 'seal': {
      await copyLog(disk, path, `${path}.tmp`, ({ checksumMatches }) => (checksumMatches ? 'copy' : 'seal'))
      await copyFile(disk, path, kept)
      return await disk.rename(`${path}.tmp`, path)
    }
    case 'write': {
      if ((await disk.stat(path)) !== null) await copyFile(disk, path, kept)
      const file = await disk.open(`${path}.tmp`, 'create')
      try {
        await file.writeAt(Buffer.from(step.text), 0)
        await file.sync()
      } finally {
        await file.close()
      }
      return await disk.rename(`${path}.tmp`, path)
    }
  }
}

async function copyFile(disk: Disk, from: string, to: string): Promise<void> {
  const source = await disk.open(from, 'read')
  try {
    const target = await disk.open(to, 'create')
    try {
      for (let position = 0; ; ) {
        const bytes = await source.read(position, COPY_BYTES)
        if (bytes.length === 0) break
        await target.writeAt(bytes, position)
        position += bytes.length
      }
      await target.sync()
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}
