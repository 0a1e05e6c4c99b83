import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryDisk } from '@vivarium/env/memory'
import { createMetrics } from '../../dist/admin/metrics.js'
import { ProcessFigures } from '../../dist/admin/process-figures.js'

async function write(disk: MemoryDisk, path: string, bytes: number): Promise<void> {
  const file = await disk.open(path, 'create')
  await file.writeAt(new Uint8Array(bytes), 0)
  await file.close()
}

test('directories are as large as the files in them and below', async () => {
  const disk = new MemoryDisk()
  await disk.makeDirectory('/snapshots/old')
  await disk.makeDirectory('/logs')
  await write(disk, '/snapshots/a', 3)
  await write(disk, '/snapshots/old/b', 4)
  await write(disk, '/logs/c', 5)
  const figures = new ProcessFigures(disk, '/snapshots', '/logs', createMetrics())
  await figures.refreshDirectories()
  assert.deepEqual([figures.dataDirBytes, figures.logDirBytes], [7, 5])
})

test('a directory that is not there is empty, and unknown files are counted as Java does', async () => {
  const metrics = createMetrics()
  const figures = new ProcessFigures(new MemoryDisk(), '/none', '/none', metrics)
  await figures.refreshDirectories()
  await figures.refreshFileDescriptors()
  assert.equal(figures.dataDirBytes, 0)
  assert.deepEqual(
    [metrics.open_file_descriptor_count.source?.(), metrics.max_file_descriptor_count.source?.()],
    [-1, -1],
  )
})
