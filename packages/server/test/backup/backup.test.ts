import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { nodeDisk } from '@vivarium/env/node'
import {
  BackupError,
  DirectoryStore,
  NothingToArchive,
  pruneBackup,
  readCatalogue,
  restoreBackup,
  verifyBackup,
} from '../../dist/backup/index.js'
import { create } from '../protocol/requests.ts'
import { startStandalone } from '../standalone/standalone.ts'
import { archiverOf, digestsOf, scratch, world } from './support.ts'

const COUNT = 1000

test('a backup that was taken under load is restored to any transaction, with the digest that the server had there', async (t) => {
  const server = await startStandalone(t)
  const store = new DirectoryStore(nodeDisk, scratch(t))
  const archiver = archiverOf(server, store, 0)
  const client = await server.client()
  const other = await server.client()
  await client.do('create', create('/load'))
  let written = 0
  const load = async (): Promise<void> => {
    for (; written < COUNT; written++)
      await client.do('create', create(`/load/n${written}`, { data: `data ${written}` }))
  }
  const loading = load()
  while (written < COUNT) {
    await archiver.run()
    if (written > COUNT / 3 && server.server.server.stats.packetsReceived % 7 === 0)
      await server.server.server.takeSnapshot()
    await other.do('setData', { path: '/load', data: Buffer.from(String(written)), version: -1 })
  }
  await loading
  const { zxid: end } = await client.ask('create', create('/end'))
  assert.equal((await archiver.run()).zxid, end)

  const digests = [...(await digestsOf(server))].filter(([zxid]) => zxid > 0)
  assert.ok(digests.length > 4)
  for (const [zxid, digest] of digests) {
    const restored = await restoreBackup(world, store, { zxid }, [join(scratch(t), 'data')])
    assert.deepEqual([restored.zxid, restored.digest], [zxid, digest])
  }
  const [verified, ...more] = await verifyBackup(world, store, scratch(t))
  assert.deepEqual([verified?.zxid, more.length], [end, 0])
})

test('a server goes on from what was restored', async (t) => {
  const server = await startStandalone(t)
  const store = new DirectoryStore(nodeDisk, scratch(t))
  const client = await server.client()
  const { zxid } = await client.ask('create', create('/kept', { data: 'data' }))
  await client.do('create', create('/unwanted'))
  await archiverOf(server, store).run()
  const directories = [join(scratch(t), 'a'), join(scratch(t), 'b')] as const
  const restored = await restoreBackup(world, store, { zxid }, [...directories])
  assert.equal(restored.sessions, 1)
  for (const dataDir of directories) {
    const again = await startStandalone(t, { dataDir })
    const reader = await again.client()
    assert.deepEqual(await reader.children('/'), ['kept', 'zookeeper'])
    assert.ok((await reader.ask('create', create('/more'))).zxid > zxid)
  }
})

test('a restore ends before what was made after a time', async (t) => {
  const server = await startStandalone(t)
  const store = new DirectoryStore(nodeDisk, scratch(t))
  const client = await server.client()
  await client.do('create', create('/before'))
  const { ctime } = await client.stat('/before')
  while (Date.now() <= ctime);
  await client.do('create', create('/after'))
  await archiverOf(server, store).run()
  const { zxid, znodes } = await restoreBackup(world, store, { timeMs: ctime }, [join(scratch(t), 'data')])
  assert.deepEqual([zxid, znodes], [2, server.server.server.database.tree.nodeCount - 1])
})

test('a backup goes on where it ended, whoever goes on with it', async (t) => {
  const server = await startStandalone(t)
  const store = new DirectoryStore(nodeDisk, scratch(t))
  const client = await server.client()
  for (const name of ['/a', '/b', '/c']) {
    const { zxid } = await client.ask('create', create(name))
    assert.equal((await archiverOf(server, store).run()).zxid, zxid)
  }
  const streams = await readCatalogue(store)
  assert.deepEqual(
    streams.map(({ bases, segments }) => [bases.length, segments.map(({ first, last }) => [first, last])]),
    [
      [
        1,
        [
          [1, 2],
          [3, 3],
          [4, 4],
        ],
      ],
    ],
  )
  assert.equal((await archiverOf(server, store).run()).transactions, 0)
})

test('another history begins another stream', async (t) => {
  const store = new DirectoryStore(nodeDisk, scratch(t))
  const first = await startStandalone(t)
  await (await first.client()).do('create', create('/first'))
  await archiverOf(first, store).run()
  const second = await startStandalone(t)
  const client = await second.client()
  await client.do('create', create('/second'))
  await client.do('create', create('/third'))
  const { zxid } = await archiverOf(second, store).run()
  assert.equal((await readCatalogue(store)).length, 2)
  const restored = join(scratch(t), 'data')
  assert.equal((await restoreBackup(world, store, {}, [restored])).zxid, zxid)
  const again = await startStandalone(t, { dataDir: restored })
  assert.deepEqual(await (await again.client()).children('/'), ['second', 'third', 'zookeeper'])
})

test('damage anywhere is found', async (t) => {
  const server = await startStandalone(t)
  const directory = scratch(t)
  const store = new DirectoryStore(nodeDisk, directory)
  const client = await server.client()
  await client.do('create', create('/a'))
  await archiverOf(server, store).run()
  await client.do('create', create('/b'))
  await archiverOf(server, store).run()
  await verifyBackup(world, store, scratch(t))
  for (const { name, bytes } of await store.list()) {
    const file = await nodeDisk.open(join(directory, name), 'update')
    for (const at of [0, 20, bytes >> 1, bytes - 1]) {
      const byte = await file.read(at, 1)
      await file.writeAt(Uint8Array.of(byte[0]! ^ 0x10), at)
      await assert.rejects(verifyBackup(world, store, scratch(t)), BackupError, `${name} at ${at}`)
      await file.writeAt(byte, at)
    }
    await file.close()
  }
  const [segment] = (await readCatalogue(store))[0]?.segments ?? []
  await store.remove(segment?.name ?? '')
  await assert.rejects(verifyBackup(world, store, scratch(t)), /is missing/)
})

test('what a backup does not have cannot be restored, and nothing is overwritten', async (t) => {
  const server = await startStandalone(t)
  const store = new DirectoryStore(nodeDisk, scratch(t))
  await assert.rejects(restoreBackup(world, store, {}, [join(scratch(t), 'data')]), /there is no backup/)
  await (await server.client()).do('create', create('/a'))
  await archiverOf(server, store).run()
  await assert.rejects(restoreBackup(world, store, { zxid: 99 }, [join(scratch(t), 'data')]), BackupError)
  await assert.rejects(restoreBackup(world, store, {}, [server.dataDir]), /is not empty/)
})

test('old snapshots go with the log before them', async (t) => {
  const server = await startStandalone(t)
  const store = new DirectoryStore(nodeDisk, scratch(t))
  const client = await server.client()
  const archiver = archiverOf(server, store, 0)
  for (const name of ['/a', '/b', '/c']) {
    await client.do('create', create(name))
    await server.server.server.takeSnapshot()
    await archiver.run()
  }
  const { zxid } = await client.ask('create', create('/d'))
  await archiver.run()
  const removed = await pruneBackup(store, 1)
  assert.ok(removed.length > 2)
  const [stream] = await readCatalogue(store)
  assert.equal(stream?.bases.length, 1)
  assert.deepEqual(
    (await verifyBackup(world, store, scratch(t))).map((restored) => restored.zxid),
    [zxid],
  )
  assert.equal((await archiver.run()).transactions, 0)
})

test('where no server ever was there is nothing to back up', async (t) => {
  const server = await startStandalone(t)
  await server.close()
  const store = new DirectoryStore(nodeDisk, scratch(t))
  const empty = { ...server, dataDir: scratch(t) } as typeof server
  await nodeDisk.makeDirectory(join(empty.dataDir, 'version-2'))
  await assert.rejects(archiverOf(empty, store).run(), NothingToArchive)
})
