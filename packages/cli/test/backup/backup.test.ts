import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/vivarium.js', import.meta.url))

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function vivarium(...args: string[]): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

/** The directory of a server that was there for a moment. */
async function served(t: TestContext): Promise<{ directory: string; data: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-backup-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const data = join(directory, 'data')
  const settings = ['-D', `dataDir=${data}`, '-D', 'clientPort=0', '-D', 'admin.enableServer=false']
  const child = spawn(process.execPath, [BIN, 'server', ...settings], { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(child.stdout, 'data')
  child.kill()
  await once(child, 'close')
  return { directory, data }
}

test('a backup is made, listed, verified, pruned and restored', async (t) => {
  const { directory, data } = await served(t)
  const store = join(directory, 'store')
  const made = vivarium('backup', 'run', store, '--once', '--data-dir', data)
  assert.deepEqual([made.code, made.out], [0, 'Up to 0x0: 0 transactions more, 0 bytes.\n'])
  assert.match(vivarium('backup', 'list', store).out, /^\d{8}T\d{9}Z: up to 0x0 of .*\n {2}snapshot 0x0, there since /)
  assert.match(vivarium('backup', 'verify', store).out, /^\d{8}T\d{9}Z is good: 0x0: \d+ znodes, 0 sessions, digest /)
  assert.equal(vivarium('backup', 'prune', store, '--keep', '1').out, 'Nothing to remove.\n')
  const [first, second] = [join(directory, 'first'), join(directory, 'second')]
  assert.match(vivarium('restore', store, '--to', first, '--to', second).out, /^Restored 0x0: /)
  for (const restored of [first, second]) assert.deepEqual(readdirSync(join(restored, 'version-2')), ['snapshot.0'])
})

test('a zoo.cfg says what is to be backed up', async (t) => {
  const { directory, data } = await served(t)
  const config = join(directory, 'zoo.cfg')
  writeFileSync(config, `dataDir=${data}\nclientPort=2181\n`)
  assert.equal(vivarium('backup', 'run', join(directory, 'store'), '--once', '--config', config).code, 0)
})

test('what is wrong is told in a sentence', async (t) => {
  const { directory, data } = await served(t)
  const store = join(directory, 'store')
  const told = (...args: string[]): (string | number | null)[] => {
    const { code, err } = vivarium(...args)
    return [code, err]
  }
  assert.deepEqual(told('restore', store, '--to', join(directory, 'a')), [1, `there is no backup in ${store}\n`])
  assert.deepEqual(told('restore', store), [2, 'where to: --to <dataDir>, once for each server\n'])
  const what = 'what is to be backed up: --config zoo.cfg, or --data-dir\n'
  assert.deepEqual(told('backup', 'run', store, '--once'), [2, what])
  vivarium('backup', 'run', store, '--once', '--data-dir', data)
  assert.deepEqual(told('restore', store, '--to', data), [1, `${join(data, 'version-2')} is not empty\n`])
})

test('a backup that follows stops when it is told to', async (t) => {
  const { directory, data } = await served(t)
  const args = ['backup', 'run', join(directory, 'store'), '--data-dir', data]
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  await once(child.stderr, 'data')
  child.kill()
  assert.deepEqual(await once(child, 'close'), [0, null])
})
