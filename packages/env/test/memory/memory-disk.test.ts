import assert from 'node:assert/strict'
import test from 'node:test'
import type { File } from '../../dist/disk.js'
import { MemoryDisk, POWER_CUTS, SECTOR_BYTES } from '../../dist/memory/index.js'
import type { Random } from '../../dist/random.js'

function seeded(seed: number): Random {
  let state = seed
  return {
    uint32() {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return (state ^ (state >>> 15)) >>> 0
    },
  }
}

async function disk(): Promise<MemoryDisk> {
  const fresh = new MemoryDisk()
  await fresh.makeDirectory('/d')
  await fresh.syncDirectory('/')
  return fresh
}

async function put(file: File, text: string, position = 0): Promise<void> {
  await file.writeAt(Buffer.from(text), position)
}

function text(from: MemoryDisk, path: string): string {
  return Buffer.from(from.contents(path)).toString('latin1')
}

test('it reads what was written, like a disk', async () => {
  const memory = await disk()
  const file = await memory.open('/d/f', 'create')
  await put(file, 'hello', 5000)
  assert.equal(await file.size(), 5005)
  assert.equal(Buffer.from(await file.read(4998, 100)).toString('latin1'), '\0\0hello')
  await file.truncate(5002)
  await file.truncate(5004)
  assert.equal(Buffer.from(await file.read(5000, 100)).toString('latin1'), 'he\0\0')
  await memory.rename('/d/f', '/d/g')
  assert.deepEqual(await memory.list('/d'), ['g'])
  await memory.remove('/d/g')
  assert.equal(await memory.stat('/d/g'), null)
  await assert.rejects(memory.open('/d/g', 'read'), { code: 'ENOENT' })
  await assert.rejects(memory.open('/none/g', 'create'), { code: 'ENOENT' })
})

test('a power failure takes what was not synced: contents, names, and renames', async () => {
  const memory = await disk()
  const file = await memory.open('/d/f', 'create')
  await put(file, 'one')
  await file.sync()
  assert.deepEqual(await memory.cutPower('lost', seeded(1)).list('/d'), [])
  await memory.syncDirectory('/d')
  await put(file, 'two')
  await memory.rename('/d/f', '/d/g')
  const lost = memory.cutPower('lost', seeded(1))
  assert.equal(text(lost, '/d/f'), 'one')
  assert.deepEqual(await lost.list('/d'), ['f'])
  const kept = memory.cutPower('kept', seeded(1))
  assert.equal(text(kept, '/d/g'), 'two')
  // The disk itself goes on.
  assert.equal(text(memory, '/d/g'), 'two')
})

test('writes to a durable file are there when they complete, and a sync covers what came before it', async () => {
  const memory = await disk()
  const durable = await memory.open('/d/durable', 'create-durable')
  const plain = await memory.open('/d/plain', 'create')
  await memory.syncDirectory('/d')
  await put(durable, 'now')
  await put(plain, 'before')
  const syncing = plain.sync()
  const writing = put(plain, 'AFTER!')
  await syncing
  await writing
  const lost = memory.cutPower('lost', seeded(1))
  assert.equal(text(lost, '/d/durable'), 'now')
  assert.equal(text(lost, '/d/plain'), 'before')
})

test('what was written over durably does not come back', async () => {
  const memory = await disk()
  const file = await memory.open('/d/f', 'create-durable')
  await memory.syncDirectory('/d')
  await put(file, 'x'.repeat(2000))
  await file.truncate(0)
  await put(file, 'y'.repeat(2000))
  for (const cut of POWER_CUTS) assert.equal(text(memory.cutPower(cut, seeded(2)), '/d/f'), 'y'.repeat(2000), cut)
})

test('a write under way is torn between sectors, in order or not', async () => {
  const memory = await disk()
  const file = await memory.open('/d/f', 'create')
  await memory.syncDirectory('/d')
  await put(file, '-'.repeat(10 * SECTOR_BYTES))
  await file.sync()
  void put(file, 'x'.repeat(8 * SECTOR_BYTES), SECTOR_BYTES / 2)
  const seen = { prefix: new Set<string>(), scattered: new Set<string>() }
  for (let seed = 0; seed < 200; seed++) {
    for (const cut of ['prefix', 'scattered'] as const) {
      const after = text(memory.cutPower(cut, seeded(seed)), '/d/f')
      let pattern = ''
      for (let sector = 0; sector < 10; sector++) {
        const body = after.slice(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES)
        const edge = sector === 0 || sector === 8
        assert.match(body, edge ? /^(-+|-{256}x{256}|x{256}-{256})$/ : /^(-+|x+)$/)
        pattern += body.includes('x') ? 'x' : '-'
      }
      seen[cut].add(pattern)
    }
  }
  for (const pattern of seen.prefix) assert.match(pattern, /^x*-*$/)
  assert.ok(seen.prefix.size > 5)
  assert.ok([...seen.scattered].some((pattern) => /x-+x/.test(pattern)))
})

test('the same seed leaves the same', async () => {
  const memory = await disk()
  const file = await memory.open('/d/f', 'create')
  for (let index = 0; index < 5; index++) await put(file, String(index).repeat(3000), index * 1000)
  await memory.rename('/d/f', '/d/g')
  for (const cut of POWER_CUTS) {
    const [first, second] = [1, 1].map((seed) => memory.cutPower(cut, seeded(seed))) as [MemoryDisk, MemoryDisk]
    assert.deepEqual(await first.list('/d'), await second.list('/d'))
    for (const name of await first.list('/d')) assert.equal(text(first, `/d/${name}`), text(second, `/d/${name}`))
  }
})

test('faults are injected, with a part of a write done', async () => {
  const memory = new MemoryDisk({
    fault: ({ kind, bytes }) =>
      kind === 'write' && bytes === 6 ? { code: 'EIO', written: 2 } : kind === 'sync' ? { code: 'EIO' } : null,
  })
  const file = await memory.open('/f', 'create')
  await put(file, 'first')
  await assert.rejects(put(file, 'second'), { code: 'EIO' })
  assert.equal(text(memory, '/f'), 'serst')
  await assert.rejects(file.sync(), { code: 'EIO' })
})

test('a full disk takes what fits, and more once there is room', async () => {
  const memory = new MemoryDisk({ capacityBytes: 8192 })
  const file = await memory.open('/f', 'create')
  await file.writeAt(Uint8Array.of(0), 1_000_000) // A hole takes no space.
  assert.equal(await memory.freeBytes('/'), 4096)
  await assert.rejects(file.writeAt(new Uint8Array(9000).fill(1), 0), { code: 'ENOSPC' })
  assert.deepEqual([...(await file.read(4095, 2))], [1, 0])
  assert.equal(await memory.freeBytes('/'), 0)
  memory.capacityBytes = 100_000
  await file.writeAt(new Uint8Array(9000).fill(1), 0)
})

test('bytes that change while they are being written are a mistake of the writer', async () => {
  let complete = (): void => {}
  const memory = new MemoryDisk({
    schedule: ({ kind }, fire) => {
      if (kind === 'write') complete = fire
      else queueMicrotask(fire)
    },
  })
  const file = await memory.open('/f', 'create')
  const bytes = Uint8Array.of(1, 2, 3)
  file.write(bytes, 0, 3, 0, () => {})
  bytes[1] = 9
  assert.throws(() => complete(), /have changed/)
})

test('nothing completes once the process has ended', async () => {
  const memory = await disk()
  const file = await memory.open('/d/f', 'create')
  let completed = false
  void put(file, 'x').then(() => {
    completed = true
  })
  memory.halt()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(completed, false)
})

test('a directory is locked once', async () => {
  const memory = await disk()
  const lock = await memory.lock('/d')
  await assert.rejects(memory.lock('/d/'), { code: 'EBUSY' })
  await lock.release()
  await memory.lock('/d')
  await memory.cutPower('kept', seeded(1)).lock('/d')
})

test('a disk that lies keeps nothing of what it has synced, until it is settled', async () => {
  let lies = true
  const kept = async (settle: boolean): Promise<string[]> => {
    lies = true
    const memory = new MemoryDisk({ lies: () => lies })
    await memory.makeDirectory('/d')
    await memory.syncDirectory('/')
    const durable = await memory.open('/d/durable', 'create-durable')
    await durable.writeAt(Buffer.from('x'), 0)
    const synced = await memory.open('/d/synced', 'create')
    await synced.writeAt(Buffer.from('y'), 0)
    await synced.sync()
    await memory.syncDirectory('/d')
    if (settle) memory.settle()
    lies = false
    const after = memory.cutPower('lost', { uint32: () => 0 })
    return after.names('/d').map((name) => `${name} ${Buffer.from(after.contents(`/d/${name}`))}`)
  }
  assert.deepEqual(await kept(false), [])
  assert.deepEqual(await kept(true), ['durable x', 'synced y'])
})

test('a file is asked whether only zeros are left, however much room it has', async () => {
  const disk = new MemoryDisk()
  await disk.makeDirectory('/d')
  const file = await disk.open('/d/f', 'create')
  await file.writeAt(new Uint8Array(100_000), 0)
  await file.writeAt(Uint8Array.of(7), 50_000)
  assert.deepEqual(
    [0, 50_000, 50_001, 53_247, 53_248, 200_000].map((position) => disk.isZeroFrom('/d/f', position)),
    [false, false, true, true, true, true],
  )
  await file.writeAt(Uint8Array.of(9), 99_999)
  assert.deepEqual(
    [50_001, 99_999, 100_000].map((position) => disk.isZeroFrom('/d/f', position)),
    [false, false, true],
  )
})
