import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { create } from '../protocol/requests.ts'
import { startStandalone, temporaryDirectory } from './standalone.ts'

const names = (dataDir: string): string[] =>
  readdirSync(join(dataDir, 'version-2'))
    .filter((name) => /^(?:log|snapshot)\./.test(name))
    .sort()

test('with autopurge the newest snapshots stay, with the logs that they need', async (t) => {
  const dataDir = temporaryDirectory(t)
  const filling = await startStandalone(t, { dataDir })
  const client = await filling.client()
  for (let i = 0; i < 5; i++) {
    await client.do('create', create(`/a${i}`))
    assert.ok(await filling.server.server.takeSnapshot())
  }
  await client.do('create', create('/last'))
  await filling.close()
  const before = names(dataDir)
  assert.deepEqual(before, [
    ...['log.1', 'log.3', 'log.4', 'log.5', 'log.6', 'log.7'],
    ...['snapshot.0', 'snapshot.2', 'snapshot.3', 'snapshot.4', 'snapshot.5', 'snapshot.6'],
  ])
  const damaged = join(dataDir, 'version-2', 'snapshot.5')
  writeFileSync(damaged, 'no snapshot at all')

  const untouched = await startStandalone(t, { dataDir })
  await untouched.close()
  assert.deepEqual(names(dataDir), before, 'nothing is removed unless asked for')

  const purging = await startStandalone(t, { dataDir, 'autopurge.purgeInterval': 1, 'autopurge.snapRetainCount': 1 })
  await purging.log.until(/^warn: A snapshot is damaged; .*snapshot\.5/)
  await purging.log.until(/^info: Removed old snapshots and logs/)
  await purging.close()
  // At least 3 that are intact: snapshot.3 is one of them, and what follows it is in log.4.
  assert.deepEqual(names(dataDir), [
    ...['log.3', 'log.4', 'log.5', 'log.6', 'log.7'],
    ...['snapshot.3', 'snapshot.4', 'snapshot.5', 'snapshot.6'],
  ])
  const recovered = await startStandalone(t, { dataDir })
  assert.deepEqual(await (await recovered.client()).children('/'), ['a0', 'a1', 'a2', 'a3', 'a4', 'last', 'zookeeper'])
})

test('the marker for an empty database is used up by a start, as in Java', async (t) => {
  const dataDir = temporaryDirectory(t)
  writeFileSync(join(dataDir, 'initialize'), '')
  await startStandalone(t, { dataDir })
  assert.ok(!readdirSync(dataDir).includes('initialize'))
})

test('files that are none of the server are left alone', async (t) => {
  const dataDir = temporaryDirectory(t)
  mkdirSync(join(dataDir, 'version-2'))
  const strangers = ['snapshot.txt', 'log.old', 'notes', 'currentEpoch', 'snapshot.zz', 'log.']
  for (const name of strangers) writeFileSync(join(dataDir, 'version-2', name), 'x')
  const server = await startStandalone(t, { dataDir, 'autopurge.purgeInterval': 1 })
  await (await server.client()).close()
  await server.close()
  for (const name of strangers) assert.ok(readdirSync(join(dataDir, 'version-2')).includes(name), name)
})
