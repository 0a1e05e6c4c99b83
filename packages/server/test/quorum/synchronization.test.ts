import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpCode } from '@vivarium/protocol'
import { create, encode, requestFrame } from '../protocol/requests.ts'
import { startEnsemble, type TestEnsemble } from './ensemble.ts'

const SNAPSHOT = /sends a snapshot/

async function write(ensemble: TestEnsemble, sid: number, from: number, to: number): Promise<void> {
  const client = await ensemble.client(sid)
  for (let i = from; i < to; i++) {
    const body = encode('create', create(`/n${i}`, { data: `data of ${i}` }))
    client.connection.send(requestFrame(i, OpCode.create, body))
  }
  for (let i = from; i < to; i++) assert.equal((await ensemble.run(client.reply()))?.code, 'OK')
  client.connection.destroy()
}

const wasSentSnapshot = (ensemble: TestEnsemble, sid: number): boolean =>
  ensemble.log(sid).lines.some((line) => SNAPSHOT.test(line))

async function filesOf(ensemble: TestEnsemble, sid: number): Promise<string[]> {
  const names = await ensemble.disk(sid).list('/data/version-2')
  return names.filter((name) => /^(?:log|snapshot)\./.test(name))
}

test('who has missed a few transactions is sent them from memory', async (t) => {
  const ensemble = await startEnsemble(t)
  await write(ensemble, 1, 0, 5)
  ensemble.crash(1)
  await write(ensemble, 2, 5, 100)
  await ensemble.start(1)
  await ensemble.settled()
  assert.equal(wasSentSnapshot(ensemble, 1), false)
  await ensemble.assertEqual()
})

test('who has missed more than is kept in memory is sent them from the log', async (t) => {
  const ensemble = await startEnsemble(t)
  await write(ensemble, 1, 0, 10)
  ensemble.crash(1)
  await write(ensemble, 2, 10, 800)
  await ensemble.start(1)
  await ensemble.settled()
  assert.equal(wasSentSnapshot(ensemble, 1), false)
  await ensemble.assertEqual()
  await write(ensemble, 1, 800, 810)
  await ensemble.assertEqual()
})

test('who begins with nothing is sent a snapshot, and has it on its disk before it takes part', async (t) => {
  const ensemble = await startEnsemble(t)
  await write(ensemble, 1, 0, 700)
  ensemble.crash(1)
  ensemble.disks.delete(1)
  await ensemble.start(1)
  await ensemble.settled()
  assert.equal(wasSentSnapshot(ensemble, 1), true)
  assert.deepEqual(await filesOf(ensemble, 1), ['snapshot.1000002bd'])
  for (const sid of ensemble.sids) ensemble.crash(sid)
  await ensemble.start(1, 2)
  await ensemble.settled()
  await ensemble.assertEqual()
})

test('a snapshot comes while others write, and what they write comes after it', async (t) => {
  const ensemble = await startEnsemble(t, 3, { forceSnapshotSync: true })
  await write(ensemble, 1, 0, 2000)
  ensemble.crash(1)
  const writing = write(ensemble, 2, 2000, 3000)
  await ensemble.start(1)
  await writing
  await ensemble.settled()
  assert.equal(wasSentSnapshot(ensemble, 1), true)
  await write(ensemble, 1, 3000, 3010)
  await ensemble.assertEqual()
})

/** A leader that is cut off logs what nobody else has. */
async function divergedLeader(t: Parameters<typeof startEnsemble>[0]): Promise<TestEnsemble> {
  const ensemble = await startEnsemble(t)
  await write(ensemble, 1, 0, 20)
  const client = await ensemble.client(3)
  for (const sid of [1, 2]) ensemble.network.cut('s3', `s${sid}`)
  void client.code('create', create('/lost')).catch(() => {})
  await ensemble.until(() => !ensemble.server(3).serving)
  assert.equal(await ensemble.settled([1, 2]), 2)
  await ensemble.until(() => ensemble.server(3).database.tree.find('/lost') >= 0)
  return ensemble
}

function rejoin(ensemble: TestEnsemble): Promise<number> {
  for (const sid of [1, 2]) ensemble.network.join('s3', `s${sid}`)
  return ensemble.settled()
}

test('what only a former leader has is cut off, and snapshots that have it are removed (ZOOKEEPER-4837)', async (t) => {
  const ensemble = await divergedLeader(t)
  assert.ok(await ensemble.run(ensemble.server(3).takeSnapshot()))
  const [, ...newer] = (await filesOf(ensemble, 3)).filter((name) => name.startsWith('snapshot'))
  assert.equal(newer.length, 1, 'of the state that is to go')
  await rejoin(ensemble)
  assert.equal(wasSentSnapshot(ensemble, 3), false)
  assert.equal(ensemble.server(3).database.tree.find('/lost') < 0, true)
  assert.ok(!(await filesOf(ensemble, 3)).includes(newer[0] as string))
  await ensemble.assertEqual()
  ensemble.crash(3)
  await ensemble.start(3)
  await ensemble.settled()
  assert.equal(ensemble.server(3).database.tree.find('/lost') < 0, true)
  await ensemble.assertEqual()
})

test('who has no room to cut its history back waits for it, says so, and then goes on', async (t) => {
  const ensemble = await divergedLeader(t)
  const disk = ensemble.disk(3)
  const list = disk.list.bind(disk)
  disk.list = () => Promise.reject(Object.assign(new Error('ENOSPC: no room'), { code: 'ENOSPC' }))
  for (const sid of [1, 2]) ensemble.network.join('s3', `s${sid}`)
  await ensemble.until(() =>
    ensemble.log(3).lines.some((line) => /cannot be read again before there is room/.test(line)),
  )
  disk.list = list
  await ensemble.settled()
  assert.equal(ensemble.server(3).database.tree.find('/lost') < 0, true)
  await ensemble.assertEqual()
})

test('where the others have gone on since, the former leader is sent a snapshot', async (t) => {
  const ensemble = await divergedLeader(t)
  await write(ensemble, 2, 20, 30)
  await rejoin(ensemble)
  assert.equal(wasSentSnapshot(ensemble, 3), true)
  assert.equal(ensemble.server(3).database.tree.find('/lost') < 0, true)
  await ensemble.assertEqual()
})

test('who cannot cut its history back, as nothing reaches back that far, asks for a snapshot', async (t) => {
  const ensemble = await divergedLeader(t)
  assert.ok(await ensemble.run(ensemble.server(3).takeSnapshot()))
  const disk = ensemble.disk(3)
  const [oldest] = (await filesOf(ensemble, 3)).filter((name) => name.startsWith('snapshot'))
  await disk.remove(`/data/version-2/${oldest}`)
  await rejoin(ensemble)
  assert.ok(ensemble.log(3).lines.some((line) => /cannot be cut back/.test(line)))
  assert.equal(wasSentSnapshot(ensemble, 3), true)
  assert.equal(ensemble.server(3).database.tree.find('/lost') < 0, true)
  await ensemble.assertEqual()
})

test('power fails at any moment of a synchronization, and the next one puts it right', async (t) => {
  for (const settings of [{}, { forceSnapshotSync: true }]) {
    const ensemble = await startEnsemble(t, 3, settings)
    await write(ensemble, 2, 0, 30)
    for (let moment = 1; moment <= 25; moment++) {
      ensemble.crash(1)
      await write(ensemble, 2, 30 * moment, 30 * moment + 30)
      await ensemble.start(1)
      await ensemble.until(() => ensemble.log(1).lines.some((line) => /Server 3 is to lead/.test(line)))
      for (let step = 0; step < 3 * moment; step++) await new Promise((resolve) => setImmediate(resolve))
    }
    ensemble.crash(1)
    await ensemble.start(1)
    await ensemble.settled()
    await ensemble.assertEqual()
  }
})

test('the epochs are on the disk as Java has them', async (t) => {
  const ensemble = await startEnsemble(t)
  ensemble.crash(3)
  await ensemble.settled()
  for (const name of ['acceptedEpoch', 'currentEpoch']) {
    const file = await ensemble.disk(1).open(`/data/version-2/${name}`, 'read')
    assert.equal(Buffer.from(await file.read(0, 100)).toString(), '2')
    await file.close()
  }
})

test('epochs that contradict each other are refused', async (t) => {
  const ensemble = await startEnsemble(t)
  await ensemble.stop(1)
  const disk = ensemble.disk(1)
  for (const [text, message] of [
    ['7', /acceptedEpoch \(1\) in .* is older than currentEpoch \(7\)/],
    ['one', /currentEpoch must have a number in its first line/],
  ] as const) {
    const file = await disk.open('/data/version-2/currentEpoch', 'create')
    await file.writeAt(Buffer.from(text), 0)
    await file.close()
    await assert.rejects(ensemble.start(1), message)
  }
})
