import assert from 'node:assert/strict'
import test from 'node:test'
import { type MemoryDisk, POWER_CUTS } from '@vivarium/env/memory'
import { OpCode, READ_ACL_UNSAFE } from '@vivarium/protocol'
import type { Recovery } from '../../dist/storage/recovery.js'
import { newDisk, seeded } from './fixtures.ts'
import { dump, recoverFrom, SmallServer } from './small-server.ts'

const CHANGES = ['create', 'write', 'sync', 'truncate', 'rename', 'remove', 'syncDirectory']

/** A disk as it may be after a power failure, and what the server had acknowledged and appended by then. */
interface Wreck {
  readonly disk: MemoryDisk
  readonly name: string
  readonly acknowledged: number
  readonly appended: number
}

/** Sessions, creates, sets, deletes, multis, batches of several sectors, two snapshots while writing, two rolls. */
async function work(server: SmallServer): Promise<void> {
  server.submit({ type: OpCode.createSession, record: { timeOut: 4000 } }, 7n)
  await server.flush()
  server.create('/a')
  server.create('/a/b', 'y'.repeat(700))
  server.create('/a/e', 'e', { ephemeral: true, clientId: 7n })
  await server.flush()
  const snapshot = server.takeSnapshot()
  server.setData('/a', '1')
  server.submit({ type: OpCode.error, record: { err: -101 } })
  server.setData('/a/b', 'z'.repeat(1500))
  server.log.flush()
  for (let index = 0; index < 4; index++) server.create(`/a/n${index}`, '-'.repeat(100 * index))
  await server.flush()
  server.remove('/a/n1')
  server.submit({
    type: OpCode.multi,
    record: {
      txns: [
        { type: OpCode.delete, record: { path: '/a/n2' } },
        { type: OpCode.setData, record: { path: '/a', data: Buffer.from('2'), version: 2 } },
      ],
    },
  })
  await server.flush()
  await snapshot
  server.submit({ type: OpCode.setACL, record: { path: '/a/b', acl: READ_ACL_UNSAFE, version: 1 } })
  server.submit({ type: OpCode.closeSession, record: { paths2Delete: ['/a/e'] } }, 7n)
  await server.flush()
  await server.takeSnapshot()
  server.create('/last')
  await server.flush()
  await server.log.close()
}

/** Runs `work` on a disk, and copies the disk as power failures would leave it at each step of each change. */
async function wreckEverywhere(seed: number, variants: number): Promise<{ wrecks: Wreck[]; server: SmallServer }> {
  const prepared = await newDisk()
  const first = await SmallServer.start(prepared)
  await first.takeSnapshot()
  const random = seeded(seed)
  const wrecks: Wreck[] = []
  let running: SmallServer | null = null
  let steps = 0
  const disk: MemoryDisk = prepared.cutPower('kept', random, {
    observe(operation, moment) {
      if (running === null || !CHANGES.includes(operation.kind)) return
      steps++
      for (const cut of POWER_CUTS) {
        for (let copy = 0; copy < (cut === 'lost' || cut === 'kept' ? 1 : variants); copy++) {
          const name = `step ${steps}, ${operation.kind} ${operation.path} ${moment}, ${cut} ${copy}`
          const { acknowledged, appended } = running
          wrecks.push({ disk: disk.cutPower(cut, random), name, acknowledged, appended })
        }
      }
    },
  })
  const server = await SmallServer.start(disk)
  running = server
  await work(server)
  assert.ok(steps > 70, `${steps} steps`)
  return { wrecks, server }
}

/** Recovers, and checks that what comes back is what the server had been at some moment at or after its last promise. */
async function check({ disk, name, acknowledged, appended }: Wreck, server: SmallServer): Promise<Recovery> {
  const recovery = await recoverFrom(disk).catch((error: unknown) => assert.fail(`${name}: ${error}`))
  const { lastZxid } = recovery
  assert.ok(lastZxid >= acknowledged, `${name}: ${acknowledged} was acknowledged, ${lastZxid} is left`)
  assert.ok(lastZxid <= appended, `${name}: ${lastZxid} was never written`)
  assert.equal(dump(recovery.database), server.states.get(lastZxid), name)
  assert.equal(recovery.digestMismatches, 0, name)
  assert.notEqual(recovery.snapshotDigestMatches, false, name)
  return recovery
}

test('whatever a power failure leaves: all that was acknowledged, nothing that was not written, no gaps', async () => {
  const { wrecks, server } = await wreckEverywhere(1, 4)
  let torn = 0
  for (const wreck of wrecks) {
    const recovery = await check(wreck, server)
    if (recovery.torn !== null) torn++
    // A second time it finds the same, and nothing to repair.
    const again = await recoverFrom(wreck.disk)
    assert.equal(dump(again.database), server.states.get(recovery.lastZxid), wreck.name)
    assert.equal(again.torn, null, wreck.name)
    assert.deepEqual(again.removed, [], wreck.name)
  }
  assert.ok(torn > wrecks.length / 50, `${torn} of ${wrecks.length} ended in a torn write`)
})

test('a power failure while the last one is put right does no harm', async () => {
  const { wrecks, server } = await wreckEverywhere(2, 2)
  const random = seeded(3)
  let repairs = 0
  for (const wreck of wrecks) {
    const again: Wreck[] = []
    const disk: MemoryDisk = wreck.disk.cutPower('kept', random, {
      observe(operation, moment) {
        if (!CHANGES.includes(operation.kind)) return
        repairs++
        const name = `${wreck.name}; then ${operation.kind} ${operation.path} ${moment}`
        for (const cut of POWER_CUTS)
          again.push({ ...wreck, disk: disk.cutPower(cut, random), name: `${name}, ${cut}` })
      },
    })
    const { lastZxid } = await check({ ...wreck, disk }, server)
    for (const second of again) assert.equal((await check(second, server)).lastZxid, lastZxid, second.name)
  }
  assert.ok(repairs > 50, `${repairs} repairs`)
})

test('a server goes on from whatever a power failure left', async () => {
  const { wrecks, server } = await wreckEverywhere(4, 1)
  for (const wreck of wrecks) {
    const { lastZxid } = await check(wreck, server)
    const next = await SmallServer.start(wreck.disk)
    next.create('/after')
    await next.flush()
    assert.equal(next.acknowledged, lastZxid + 1, wreck.name)
    const recovery = await recoverFrom(wreck.disk.cutPower('lost', seeded(0)))
    assert.equal(dump(recovery.database), next.states.get(lastZxid + 1), wreck.name)
  }
})

/** Lets one change of the disk fail, and those after it succeed: a disk that lies after an error is the worst. */
async function failOnce(nth: number, code: string): Promise<{ server: SmallServer; disk: MemoryDisk; failed: string }> {
  const prepared = await newDisk()
  await (await SmallServer.start(prepared)).takeSnapshot()
  let count = 0
  let running = false
  let failed = ''
  const disk = prepared.cutPower('kept', seeded(0), {
    fault(operation) {
      if (!running || !CHANGES.includes(operation.kind)) return null
      count++
      if (count !== nth) return null
      failed = `${operation.kind} ${operation.path}`
      return { code, written: Math.floor(operation.bytes / 2) }
    },
  })
  const server = await SmallServer.start(disk)
  running = true
  await work(server)
  return { server, disk, failed }
}

for (const code of ['EIO', 'ENOSPC']) {
  test(`${code} at any change of the disk: nothing is acknowledged that is not there afterwards`, async () => {
    let logFailures = 0
    for (let nth = 1; ; nth++) {
      const { server, disk, failed } = await failOnce(nth, code)
      if (failed === '') {
        assert.ok(nth > 30, `${nth} changes`)
        break
      }
      if (server.failure !== null) logFailures++
      // Snapshots are no condition for anything, and room was made for the log.
      else assert.equal(server.acknowledged, server.appended, failed)
      for (const cut of POWER_CUTS) {
        const name = `${nth}: ${failed}, ${cut}`
        const { acknowledged, appended } = server
        await check({ disk: disk.cutPower(cut, seeded(nth)), name, acknowledged, appended }, server)
      }
    }
    if (code === 'EIO') assert.ok(logFailures > 10, `${logFailures} failures of the log`)
    else assert.equal(logFailures, 0)
  })
}
