import assert from 'node:assert/strict'
import { chownSync, copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { nodeDisk } from '@vivarium/env/node'
import { type DoctorOptions, runDoctor } from '../../dist/toolkit/doctor.js'
import { chopLog, type LogFilter, recoverLog, showLogs } from '../../dist/toolkit/log.js'
import { showForNcdu } from '../../dist/toolkit/ncdu.js'
import { examinePermissions } from '../../dist/toolkit/permissions.js'
import { purge } from '../../dist/toolkit/purge.js'
import { showSnapshot, showSnapshotJson, summarizeSnapshot } from '../../dist/toolkit/snapshot.js'
import { compareSnapshots } from '../../dist/toolkit/snapshot-diff.js'
import { Printed, UsedDirectory } from './directory.ts'

let directory: UsedDirectory
before(async () => {
  directory = await UsedDirectory.make()
})
after(() => directory[Symbol.dispose]())

const ALL: LogFilter = { from: 0, to: Number.POSITIVE_INFINITY, session: null, path: null, types: new Set() }

async function logged(filter: Partial<LogFilter>): Promise<string[]> {
  const printed = new Printed()
  assert.equal(await showLogs(nodeDisk, directory.path, { ...ALL, ...filter }, true, printed), 0)
  return printed.values.map(({ type }) => String(type))
}

test('a log is shown as TxnLogToolkit shows it', async () => {
  const printed = new Printed()
  assert.equal(await showLogs(nodeDisk, directory.file('log.'), ALL, false, printed), 0)
  const lines = printed.out.split('\n')
  assert.match(lines[0] ?? '', /^ZooKeeper Transactional Log File with dbid \d+ txnlog format version 2$/)
  const head = String.raw`\d+/\d+/\d\d, \d+:\d\d:\d\d [AP]M \S+ session 0x[0-9a-f]+ cxid 0x[0-9a-f]+ zxid 0x`
  assert.match(lines[1] ?? '', new RegExp(`^${head}1 createSession 30000$`))
  assert.match(printed.out, new RegExp(`${head}2 create2? /app,hello,\\[31,s{'world,'anyone}\n\\],false,1\n`))
  assert.match(printed.out, / multi create2?:\/multi,m,.*;delete:'\/multi\n/s)
  assert.match(printed.out, / closeSession v\{'\/app\/ephemeral\}\nEOF reached after 11 txns\.\n$/)
})

test('transactions are chosen by zxid, session, path and type', async () => {
  const types = ['createSession', 'create2', 'create2', 'createContainer', 'createTTL', 'setData', 'setACL', 'multi']
  assert.deepEqual(await logged({}), [...types, 'delete', 'error', 'closeSession'])
  assert.deepEqual(await logged({ from: 2, to: 3 }), ['create2', 'create2'])
  assert.deepEqual(await logged({ path: '/app/ephemeral' }), ['create2', 'closeSession'])
  assert.deepEqual(await logged({ path: '/multi' }), ['multi'])
  assert.deepEqual(await logged({ types: new Set(['setData', 'error']) }), ['setData', 'error'])
  const printed = new Printed()
  await showLogs(nodeDisk, directory.path, { ...ALL, session: 1n }, true, printed)
  assert.equal(printed.out, '')
  await showLogs(nodeDisk, directory.path, { ...ALL, types: new Set(['setData', 'multi']) }, true, printed)
  const [set, multi] = printed.values as [Record<string, unknown>, { txns: { data?: string }[] }]
  assert.deepEqual([set.path, set.base64, set.version], ['/app', '//4=', 1])
  assert.equal(multi.txns[0]?.data, 'm')
})

test('a log is cut off after a zxid that it has, and nothing is left where it cannot be', async () => {
  const path = directory.file('log.')
  const { target, records } = await chopLog(nodeDisk, path, 5)
  assert.deepEqual([target, records], [`${path}.chopped5`, 5])
  const printed = new Printed()
  await showLogs(nodeDisk, target, ALL, false, printed)
  assert.match(printed.out, /EOF reached after 5 txns/)
  await assert.rejects(chopLog(nodeDisk, path, 999), /nothing is to be chopped off: the log ends with 0xb/)
  assert.equal(existsSync(`${path}.chopped999`), false)
})

test('wrong checksums are shown, and put right in a copy', async () => {
  using other = await UsedDirectory.make()
  const path = other.file('log.')
  other.corrupt(path, 'hello')
  const printed = new Printed()
  assert.equal(await showLogs(nodeDisk, path, { ...ALL, from: 100 }, false, printed), 1)
  assert.match(printed.out, /\nCRC ERROR - .* \/app,iello,/)
  const asked: string[] = []
  const recovered = new Printed()
  const answer = async (shown: string): Promise<'yes'> => {
    asked.push(shown)
    return 'yes'
  }
  await recoverLog(nodeDisk, path, false, answer, recovered)
  assert.deepEqual([asked.length, /^CRC ERROR - .* \/app,iello,/.test(asked[0] ?? '')], [1, true])
  assert.match(recovered.out, /Recovery file .*\.fixed has been written with 1 fixed CRC error\(s\)\n$/)
  assert.equal(await showLogs(nodeDisk, `${path}.fixed`, ALL, false, new Printed()), 0)
  await assert.rejects(recoverLog(nodeDisk, path, false, null, new Printed()), /already exists/)
})

test('a snapshot is shown as SnapshotFormatter shows it, and as JSON', async () => {
  const path = directory.file('snapshot.')
  const printed = new Printed()
  assert.equal(await showSnapshot(nodeDisk, path, false, printed), 0)
  assert.match(printed.out, /^ZNode Details \(count=\d+\):\n----\n\/\n {2}cZxid = 0x00000000000000\n {2}ctime = /)
  assert.match(printed.out, /\n----\nSession Details \(sid, timeout, ephemeralCount\):\n(.*\n)*----\nLast zxid: 0x/)
  const json = new Printed()
  assert.equal(await showSnapshotJson(nodeDisk, path, json), 0)
  assert.deepEqual(json.values.map((value) => value.path).sort()[0], '/')
  await assert.rejects(showSnapshot(nodeDisk, directory.file('log.'), false, printed), /the name of a snapshot is/)
})

test('what is below each znode is summed up', async () => {
  const printed = new Printed()
  await summarizeSnapshot(nodeDisk, directory.file('snapshot.'), '/zookeeper', 0, false, printed)
  assert.equal(printed.out, ' /zookeeper\n   children: 2\n   data: 0\n')
  await assert.rejects(
    summarizeSnapshot(nodeDisk, directory.file('snapshot.'), '/none', 0, false, printed),
    /there is no znode \/none/,
  )
})

test('sizes are printed for ncdu', async () => {
  const printed = new Printed()
  assert.equal(await showForNcdu(nodeDisk, directory.file('snapshot.'), new Date(0), printed), 0)
  const names = (usage: unknown): unknown =>
    Array.isArray(usage) ? usage.map(names) : (usage as { name: string }).name
  const [major, minor, , tree] = JSON.parse(printed.out) as [number, number, object, unknown]
  assert.deepEqual([major, minor, names(tree)], [1, 0, ['/', ['zookeeper', 'config', 'quota']]])
})

test('two snapshots are compared znode by znode', async () => {
  const snapshot = directory.file('snapshot.')
  const same = new Printed()
  assert.equal(await compareSnapshots(nodeDisk, snapshot, snapshot, false, same), 0)
  assert.match(same.out, /Node count: \d+\nTotal size: \d+\nMax depth: \d+\n(.*\n)*They are equal\.\n$/)
  using other = await UsedDirectory.make()
  other.corrupt(other.file('snapshot.'), 'zookeeper')
  const damaged = new Printed()
  await assert.rejects(
    compareSnapshots(nodeDisk, snapshot, other.file('snapshot.'), true, damaged),
    /is damaged: a checksum does not match/,
  )
})

test('the doctor finds damage, says what a repair would lose, does it, and keeps what was there', async () => {
  using other = await UsedDirectory.make()
  const examine = async (options: Partial<DoctorOptions> = {}): Promise<Printed & { code: number }> => {
    const printed = new Printed()
    const defaults = { dataDir: other.path, dataLogDir: undefined, repair: undefined, json: false, now: new Date(0) }
    return Object.assign(printed, { code: await runDoctor(nodeDisk, { ...defaults, ...options }, printed) })
  }
  const well = await examine()
  assert.equal(well.code, 0)
  assert.match(well.out, /\nA server would start from snapshot\.\S+, replay \d+ transactions, and be at 0xb\.\n$/)
  other.corrupt(other.file('log.'), 'hello')
  const ill = await examine({ dataDir: join(other.path, 'version-2') })
  assert.equal(ill.code, 1)
  assert.match(ill.out, /\nerror: \S+ is damaged at byte \d+, after 0x1: .*\nA server would not start here: /)
  assert.match(ill.out, /\n--repair cut\n {2}ends the data after 0x1\n {2}loses: .*: 9 transactions/)
  const found = (await examine({ json: true })).values[0] as {
    outlook: { starts: boolean }
    repairs: { name: string }[]
  }
  assert.deepEqual([found.outlook.starts, found.repairs.map(({ name }) => name)], [false, ['checksums', 'cut']])
  await assert.rejects(examine({ repair: 'torn' }), /there is no repair torn here; there are: checksums, cut/)
  assert.equal((await examine({ repair: 'cut' })).code, 0)
  assert.equal(readdirSync(join(other.path, 'before-repair-19700101000000')).length, 1)
  assert.equal((await examine()).code, 0)
  await assert.rejects(examine({ dataDir: '/' }), /is no data directory/)
})

test('files that another user owns are told', {
  skip: process.getuid?.() !== 0 && 'only root can give files away',
}, async () => {
  using other = await UsedDirectory.make()
  chownSync(other.file('log.'), 12_345, 12_345)
  const [finding, ...more] = examinePermissions([other.path])
  assert.deepEqual([finding?.severity, finding?.path, more], ['warning', other.file('log.'), []])
  assert.match(finding?.text ?? '', /^belongs to another user than .*: chown -R --reference=/)
})

test('nothing is repaired under a running server', async () => {
  using other = await UsedDirectory.make()
  const lock = await nodeDisk.lock(join(other.path, 'version-2'))
  const printed = new Printed()
  const options = { dataDir: other.path, dataLogDir: undefined, repair: 'torn', json: false, now: new Date(0) }
  await assert.rejects(runDoctor(nodeDisk, options, printed), /A server is running/)
  assert.match(printed.out, /note: a server is running here/)
  await lock.release()
})

test('old snapshots are removed with the logs that only they need, and a damaged one does not count', async () => {
  using own = await UsedDirectory.make()
  const folder = join(own.path, 'version-2')
  const snapshot = own.file('snapshot.')
  // Copies under later names are as good as later snapshots.
  for (const zxid of ['2', '3', '4', '5']) copyFileSync(snapshot, join(folder, `snapshot.${zxid}`))
  copyFileSync(own.file('log.'), join(folder, 'log.6'))
  const options = { dataDir: own.path, dataLogDir: undefined, retain: 3 }
  writeFileSync(join(folder, 'snapshot.7'), 'ZKSN')
  const printed = new Printed()
  assert.equal(await purge(nodeDisk, options, printed), 1)
  assert.match(printed.out, /^Removing file: \S+snapshot\.2\nRemoving file: \S+snapshot\.0\n$/)
  assert.match(printed.err, /snapshot\.7 is damaged, does not count, and was left where it is/)
  assert.deepEqual(
    readdirSync(folder)
      .filter((name) => name.startsWith('snapshot.'))
      .sort(),
    ['snapshot.3', 'snapshot.4', 'snapshot.5', 'snapshot.7'],
  )
  await assert.rejects(
    purge(nodeDisk, { ...options, dataDir: folder, dataLogDir: '/none' }, printed),
    /no data directory/,
  )
})
