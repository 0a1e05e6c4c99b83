import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { nodeDisk } from '../../dist/node/disk.js'

const folder = mkdtempSync(join(tmpdir(), 'vivarium-disk-'))
after(() => rmSync(folder, { recursive: true }))

function write(file: Awaited<ReturnType<typeof nodeDisk.open>>, text: string, position: number): Promise<void> {
  const bytes = Buffer.from(`--${text}--`)
  return new Promise((resolve, reject) => {
    file.write(bytes, 2, bytes.length - 2, position, (error) => (error === null ? resolve() : reject(error)))
  })
}

test('what is written is read back, in every mode that writes', async () => {
  const path = join(folder, 'modes')
  for (const mode of ['create', 'create-durable'] as const) {
    const file = await nodeDisk.open(path, mode)
    assert.equal(file.path, path)
    await write(file, 'hello', 3)
    await file.writeAt(Buffer.from('!'), 8)
    await file.sync()
    assert.equal(await file.size(), 9)
    assert.deepEqual(Buffer.from(await file.read(3, 100)), Buffer.from('hello!'))
    assert.deepEqual(Buffer.from(await file.read(0, 4)), Buffer.from('\0\0\0h'))
    assert.equal((await file.read(9, 5)).length, 0)
    await file.close()
  }
  const updated = await nodeDisk.open(path, 'update')
  await updated.truncate(5)
  await updated.close()
  assert.equal(readFileSync(path, 'latin1'), '\0\0\0he')
})

test('a file for reading cannot be written, and must exist, as one for updating', async () => {
  const path = join(folder, 'reading')
  for (const mode of ['read', 'update'] as const) await assert.rejects(nodeDisk.open(path, mode), { code: 'ENOENT' })
  await (await nodeDisk.open(path, 'create')).close()
  const file = await nodeDisk.open(path, 'read')
  await assert.rejects(write(file, 'x', 0), { code: 'EBADF' })
  await file.close()
})

test('a file gets the permissions of another one, also where it is there already', {
  skip: process.platform === 'win32',
}, async () => {
  const [secret, copy, plain] = ['secret', 'copy', 'plain'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(secret, '')
  chmodSync(secret, 0o600)
  writeFileSync(copy, '')
  chmodSync(copy, 0o644)
  const permissions = async (path: string, like?: string): Promise<number> => {
    await (await nodeDisk.open(path, 'create', like)).close()
    return statSync(path).mode & 0o777
  }
  assert.equal(await permissions(copy, secret), 0o600)
  assert.equal(await permissions(join(folder, 'new'), secret), 0o600)
  assert.equal(await permissions(plain, join(folder, 'none')), await permissions(plain))
})

test('durable files are opened so that a write is complete when it is on the disk', {
  skip: process.platform !== 'linux',
}, async () => {
  const O_DSYNC = 0o10000
  for (const [mode, expected] of [
    ['create', 0],
    ['create-durable', O_DSYNC],
  ] as const) {
    const path = join(folder, mode)
    const file = await nodeDisk.open(path, mode)
    const descriptor = readdirSync('/proc/self/fd').find((name) => {
      try {
        return readlinkSync(`/proc/self/fd/${name}`).endsWith(`/${mode}`)
      } catch {
        return false
      }
    })
    const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1]
    assert.equal(Number.parseInt(flags as string, 8) & O_DSYNC, expected)
    await file.close()
  }
})

test('directories are made, listed in order, and synced; entries renamed and removed', async () => {
  const path = join(folder, 'a', 'b')
  await nodeDisk.makeDirectory(path)
  await nodeDisk.makeDirectory(path)
  for (const name of ['z', 'k', 'B']) await (await nodeDisk.open(join(path, name), 'create')).close()
  await nodeDisk.rename(join(path, 'z'), join(path, 'k'))
  await nodeDisk.remove(join(path, 'B'))
  await nodeDisk.syncDirectory(path)
  assert.deepEqual(await nodeDisk.list(path), ['k'])
  await assert.rejects(nodeDisk.remove(join(path, 'B')), { code: 'ENOENT' })
  await assert.rejects(nodeDisk.list(join(path, 'missing')), { code: 'ENOENT' })
})

test('stat tells size, kind and time, and null of what is not there', async () => {
  const path = join(folder, 'stat')
  const file = await nodeDisk.open(path, 'create')
  await file.writeAt(Buffer.alloc(10), 0)
  await file.close()
  const found = await nodeDisk.stat(path)
  assert.equal(found?.size, 10)
  assert.equal(found?.directory, false)
  assert.ok((found?.modifiedMs ?? 0) > 1e12)
  assert.equal((await nodeDisk.stat(folder))?.directory, true)
  assert.equal(await nodeDisk.stat(join(folder, 'none')), null)
  assert.equal(await nodeDisk.stat(join(path, 'below a file')), null)
})

test('free space is a number of bytes', async () => {
  assert.ok((await nodeDisk.freeBytes(folder)) > 0)
  await assert.rejects(nodeDisk.freeBytes(join(folder, 'none')), { code: 'ENOENT' })
})

test('an error of the disk reaches the writer', { skip: process.platform !== 'linux' }, async () => {
  const file = await nodeDisk.open('/dev/full', 'update')
  await assert.rejects(write(file, 'x', 0), { code: 'ENOSPC' })
  await file.close()
})
