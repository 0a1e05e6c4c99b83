import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryDisk } from '@vivarium/env/memory'
import { createMetrics } from '../../dist/admin/metrics.js'
import { ProcessFigures } from '../../dist/admin/process-figures.js'
import { ProcessMetrics } from '../../dist/http/process-metrics.js'
import { exampleView } from '../admin/example-view.ts'

test('the directories are looked at again after ten seconds, the rest each time', async (t) => {
  const disk = new MemoryDisk()
  await disk.makeDirectory('/logs')
  const write = async (bytes: number): Promise<void> => {
    const file = await disk.open('/logs/a', 'create')
    await file.writeAt(new Uint8Array(bytes), 0)
    await file.close()
  }
  let [nowMs, free] = [5000, 900]
  const metrics = new ProcessMetrics(
    exampleView({
      figures: new ProcessFigures(disk, '/logs', '/logs', createMetrics()),
      monotonicMs: () => nowMs,
      freeDiskBytes: async () => free,
    }),
  )
  t.after(() => metrics.stop())
  const told = async (): Promise<(string | undefined)[]> => {
    await metrics.refresh()
    const text = metrics.text()
    return ['log_dir', 'disk_free'].map((name) => new RegExp(`^vivarium_${name}_bytes (\\d+)$`, 'm').exec(text)?.[1])
  }
  await write(3)
  assert.deepEqual(await told(), ['3', '900'])
  await write(4)
  free = 800
  nowMs = 14_999
  assert.deepEqual(await told(), ['3', '800'])
  nowMs = 15_000
  assert.deepEqual(await told(), ['4', '800'])
})
