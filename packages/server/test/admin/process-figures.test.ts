import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { test } from 'node:test'
import { MemoryDisk } from '@vivarium/env/memory'
import { nodeDisk } from '@vivarium/env/node'
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

test('files are counted as they are opened, where the system tells', async (t) => {
  if (process.platform !== 'linux') return t.skip('only Linux has /proc')
  const figures = new ProcessFigures(nodeDisk, '/none', '/none', createMetrics())
  await figures.refreshFileDescriptors()
  const before = figures.openFileDescriptors
  const opened = Array.from({ length: 50 }, () => openSync('/dev/null', 'r'))
  await figures.refreshFileDescriptors()
  for (const descriptor of opened) closeSync(descriptor)
  assert.ok(before > 0 && figures.openFileDescriptors >= before + 40, `${before}, ${figures.openFileDescriptors}`)
  assert.ok(figures.maxFileDescriptors > figures.openFileDescriptors)
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
