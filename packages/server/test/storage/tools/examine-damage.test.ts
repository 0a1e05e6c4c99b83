import assert from 'node:assert/strict'
import test from 'node:test'
import type { MemoryDisk } from '@vivarium/env/memory'
import fc from 'fast-check'
import { CorruptLogError } from '../../../dist/storage/corrupt-log-error.js'
import { RecoveryError } from '../../../dist/storage/recovery-error.js'
import { type Examination, examine } from '../../../dist/storage/tools/examine.js'
import { applyRepair } from '../../../dist/storage/tools/repair.js'
import { seeded } from '../fixtures.ts'
import { recoverFrom } from '../small-server.ts'
import { at, contents, twoLogs } from './files.ts'

const FILES = ['snapshot.0', 'log.1', 'snapshot.14', 'log.15'] as const

const damage = fc.record({
  file: fc.constantFrom(...FILES),
  kind: fc.constantFrom('flip', 'cut', 'zeros', 'remove', 'empty' as const),
  /** Where, as a share of what is not zeros at the end. */
  place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  bit: fc.nat(7),
})

async function doDamage(
  disk: MemoryDisk,
  { file, kind, place, bit }: typeof damage extends fc.Arbitrary<infer T> ? T : never,
) {
  if ((await disk.stat(at(file))) === null) return
  if (kind === 'remove') return await disk.remove(at(file))
  const bytes = await contents(disk, at(file))
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  const position = Math.floor(place * end)
  if (kind === 'flip' && end > 0) bytes[position]! ^= 1 << bit
  if (kind === 'zeros') bytes.fill(0, position, Math.min(bytes.length, position + 600))
  disk.place(at(file), kind === 'empty' ? Buffer.alloc(0) : kind === 'cut' ? bytes.subarray(0, position) : bytes)
}

/** What recovery makes of a copy of the disk: the last transaction, or null if it refuses. */
async function recovered(disk: MemoryDisk): Promise<number | null> {
  try {
    return (await recoverFrom(disk.cutPower('kept', seeded(0)))).lastZxid
  } catch (error) {
    if (error instanceof RecoveryError || error instanceof CorruptLogError) return null
    throw error
  }
}

const look = (disk: MemoryDisk): Promise<Examination> => examine(disk, { dataDir: '/data', dataLogDir: '/data' })

test('whatever is damaged: what is said of a start comes true, and repairs lead to one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
      const disk = await twoLogs()
      for (const each of damages) await doDamage(disk, each)
      let found = await look(disk)
      const outlook = found.outlook
      assert.equal(await recovered(disk), outlook.starts ? outlook.lastZxid : null, JSON.stringify(found.findings))
      // Nothing is wrong that is not told.
      assert.ok(outlook.starts || found.findings.some(({ severity }) => severity === 'error') || !hasBase(found))
      for (let round = 0; round < 6 && found.repairs.length > 0; round++) {
        await applyRepair(disk, found.repairs.at(-1)!, String(round))
        found = await look(disk)
      }
      assert.deepEqual(found.repairs, [])
      assert.equal(found.outlook.starts || !hasBase(found), true, JSON.stringify(found))
    }),
    { numRuns: 100 },
  )
})

/** Without a snapshot that is whole there is nothing to start from. */
const hasBase = ({ snapshots }: Examination): boolean => snapshots.some(({ damage }) => damage === null)
