import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DiskFault, DiskOperation } from '@vivarium/env/memory'
import { MemoryDisk } from '@vivarium/env/memory'
import { nodeClock } from '@vivarium/env/node'
import { InlineSnapshotRunner } from '../../dist/storage/snapshot-runner.js'
import { RawConnection } from '../protocol/raw-connection.ts'
import { connectFrame, create, encode, look, requestFrame } from '../protocol/requests.ts'
import { type Standalone, startStandalone } from './standalone.ts'

type Fault = (operation: DiskOperation) => DiskFault | null

/** A server on a disk in memory, which does to it what `fault` says. */
class OnMemory {
  readonly disk: MemoryDisk
  fault: Fault = () => null

  constructor(disk?: (fault: Fault) => MemoryDisk) {
    const fault: Fault = (operation) => this.fault(operation)
    this.disk = disk === undefined ? new MemoryDisk({ fault }) : disk(fault)
  }

  start(t: Parameters<typeof startStandalone>[0], settings = {}): Promise<Standalone> {
    const { disk } = this
    const env = { disk, snapshots: new InlineSnapshotRunner(disk, nodeClock) }
    return startStandalone(t, { dataDir: '/data', forceSync: 'yes', ...settings }, env)
  }
}

const isLogWrite = ({ kind, path }: DiskOperation): boolean => kind === 'write' && path.includes('/log.')

test('a log that cannot be written ends the server with exit code 10, and nothing acknowledged is lost', async (t) => {
  for (const code of ['EIO', 'EROFS']) {
    // The write fails when some of it has reached the disk already, or nothing.
    for (const written of [0, 40]) {
      const memory = new OnMemory()
      const server = await memory.start(t)
      const client = await server.client()
      for (let i = 0; i < 5; i++) await client.do('create', create(`/a${i}`))
      memory.fault = (operation) => (isLogWrite(operation) ? { code, written } : null)
      client.connection.send(requestFrame(6, 1, encode('create', create('/unacknowledged'))))
      const error = await server.server.failed
      assert.deepEqual([error.code, error.exitCode], ['LOG', 10])
      assert.match(
        error.message,
        /^The transaction log in \/data\/version-2 cannot be written \(E(IO|ROFS): .*The server stops/,
      )
      assert.deepEqual(await client.untilClosed(), [], 'the write that failed was not acknowledged')

      memory.fault = () => null
      const again = await memory.start(t)
      const children = await (await again.client()).children('/')
      assert.deepEqual(
        children.filter((name) => name !== 'unacknowledged'),
        ['a0', 'a1', 'a2', 'a3', 'a4', 'zookeeper'],
      )
      await again.close()
    }
  }
})

test('a full disk: writes are refused, reads go on, sessions stay, and all goes on when there is room', async (t) => {
  const memory = new OnMemory((fault) => new MemoryDisk({ fault, capacityBytes: 24 << 20 }))
  const { disk } = memory
  const server = await memory.start(t, { preAllocSize: 0 })
  const [client, other] = [await server.client(), await server.client()]
  await client.do('create', create('/a', { data: 'kept' }))
  const room = disk.capacityBytes
  disk.capacityBytes = 0
  const big = encode('create', create('/waits', { data: 'x'.repeat(100_000) }))
  client.connection.send(requestFrame(99, 1, big))
  await server.log.until(/^error: The disk of \/data\/version-2 is full\. Writes are refused .*reads go on/)

  assert.equal(await other.code('create', create('/b')), 'SYSTEMERROR')
  assert.equal(await other.data('/a'), 'kept')
  assert.equal(await other.code('ping'), 'OK')
  const back = await other.reconnect()
  assert.equal(await back.data('/a'), 'kept')
  const fresh = await RawConnection.open(server.port)
  fresh.send(connectFrame())
  assert.equal(await fresh.frame(), null, 'a new session cannot be written down')

  disk.capacityBytes = room
  const late = await client.reply()
  assert.deepEqual([late?.xid, late?.code], [99, 'OK'])
  await server.log.until(/^info: There is room in \/data\/version-2 again/)
  await back.do('create', create('/b'))
  await (await server.client()).close()
  await server.close()
  const again = await memory.start(t)
  assert.deepEqual(await (await again.client()).children('/'), ['a', 'b', 'waits', 'zookeeper'])
})

test('a snapshot that cannot be written is logged, and the server goes on', async (t) => {
  const memory = new OnMemory()
  const server = await memory.start(t, { snapCount: 4 })
  const client = await server.client()
  memory.fault = ({ kind, path }) => (kind === 'write' && path.includes('/snapshot') ? { code: 'EIO' } : null)
  for (let i = 0; i < 8; i++) await client.do('create', create(`/a${i}`))
  await server.log.until(/^error: a snapshot could not be written; the transaction log has everything/)
  await client.do('create', create('/later'))
  assert.notEqual(await server.metric('snapshot_error_count'), '0')
  await server.close()
  memory.fault = () => null
  const again = await memory.start(t)
  assert.equal((await (await again.client()).children('/')).length, 10)
})

test('damage in the log is refused with the file and the place, and the data is as it was', async (t) => {
  const memory = new OnMemory()
  const server = await memory.start(t)
  const client = await server.client()
  for (let i = 0; i < 20; i++) await client.do('create', create(`/a${i}`))
  await server.close()
  const path = '/data/version-2/log.1'
  const bytes = memory.disk.contents(path)
  const position = Buffer.from(bytes).indexOf('/a7')
  memory.disk.corrupt(path, position, 1)
  const files = await memory.disk.list('/data/version-2')
  for (let start = 0; start < 2; start++) {
    await assert.rejects(memory.start(t), (error: Error & { exitCode?: number }) => {
      const [, at] =
        /^\/data\/version-2\/log\.1 is damaged at byte (\d+), after transaction 0x8: /.exec(error.message) ?? []
      assert.ok(Number(at) < position && Number(at) > position - 100, error.message)
      assert.equal(error.exitCode, 3)
      return true
    })
  }
  assert.deepEqual(await memory.disk.list('/data/version-2'), files)
  memory.disk.corrupt(path, position, 1)
  const again = await memory.start(t)
  assert.equal(await (await again.client()).code('getData', look('/a19')), 'OK')
})

test('a directory is served by one server at a time', async (t) => {
  const memory = new OnMemory()
  const first = await memory.start(t)
  await assert.rejects(memory.start(t), {
    exitCode: 3,
    message: 'another server is running in /data/version-2: stop it, or configure another dataDir',
  })
  assert.equal(await first.word('ruok'), 'imok')
  await first.close()
  await memory.start(t)
})
