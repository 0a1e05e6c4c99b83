import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { nodeDisk } from '../../dist/node/disk.js'

const folder = mkdtempSync(join(tmpdir(), 'vivarium-lock-'))
after(() => rmSync(folder, { recursive: true }))

const sockets = { skip: process.platform === 'win32' }
const MODULE = new URL('../../dist/node/disk.js', import.meta.url).href

function fresh(name: string): string {
  const path = join(folder, name)
  mkdirSync(path)
  return path
}

/** Another process that holds the lock, or says why it cannot. */
async function other(path: string) {
  const script = `
    import { nodeDisk } from ${JSON.stringify(MODULE)}
    await nodeDisk.lock(${JSON.stringify(path)}).then(() => console.log('held'), (error) => console.log(error.code))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [answer] = (await once(child.stdout, 'data')) as [Buffer]
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { answer: answer.toString().trim(), kill }
}

test('a lock is held by one at a time, and can be given back', async () => {
  const path = fresh('one')
  const first = await nodeDisk.lock(path)
  await assert.rejects(nodeDisk.lock(path), { code: 'EBUSY' })
  await first.release()
  await (await nodeDisk.lock(path)).release()
  assert.deepEqual(readdirSync(path), [])
})

test('it keeps other processes out, and ends with kill -9', sockets, async () => {
  const path = fresh('processes')
  const holder = await other(path)
  assert.equal(holder.answer, 'held')
  await assert.rejects(nodeDisk.lock(path), { code: 'EBUSY' })
  await holder.kill()
  assert.equal(readdirSync(path).length, 1)
  const mine = await nodeDisk.lock(path)
  assert.equal(readdirSync(path).length, 1)
  const late = await other(path)
  assert.equal(late.answer, 'EBUSY')
  await late.kill()
  await mine.release()
})

test('of many at once never two hold it', async () => {
  const path = fresh('many')
  for (let round = 0; round < 20; round++) {
    const claims = await Promise.allSettled(Array.from({ length: 5 }, () => nodeDisk.lock(path)))
    const held = claims.filter((claim) => claim.status === 'fulfilled')
    assert.ok(held.length <= 1, `${held.length} hold it`)
    for (const claim of claims) {
      if (claim.status === 'fulfilled') await claim.value.release()
      else assert.equal(claim.reason.code, 'EBUSY')
    }
  }
})

test('a path may be longer than a socket’s address', { skip: process.platform !== 'linux' }, async () => {
  const path = fresh('x'.repeat(200))
  const first = await nodeDisk.lock(path)
  await assert.rejects(nodeDisk.lock(path), { code: 'EBUSY' })
  await first.release()
})

test('other files do not matter, and what a process left half done is cleared away', sockets, async () => {
  const path = fresh('files')
  for (const name of ['myid', 'lock-1.sock', 'lock-0123456789abcdef.new']) writeFileSync(join(path, name), 'x')
  const lock = await nodeDisk.lock(path)
  assert.deepEqual(
    readdirSync(path).filter((name) => name.endsWith('.new')),
    [],
  )
  await lock.release()
  assert.deepEqual(readdirSync(path), ['lock-1.sock', 'myid'])
})

test('a directory that is missing cannot be locked', async () => {
  await assert.rejects(nodeDisk.lock(join(folder, 'none')), { code: 'ENOENT' })
})
