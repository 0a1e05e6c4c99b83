import assert from 'node:assert/strict'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ZooKeeper } from '@vivarium/client'
import fc from 'fast-check'
import { binaryEncoder, decodeBinary } from '../../dist/shell/transfer/binary-dump.js'
import type { DumpItem } from '../../dist/shell/transfer/dump.js'
import type { Entry } from '../../dist/shell/transfer/entry.js'
import { decodeJson, jsonEncoder } from '../../dist/shell/transfer/json-dump.js'
import { Progress } from '../../dist/shell/transfer/progress.js'
import { ServerTree } from '../../dist/shell/transfer/server-tree.js'
import { TestServer } from './support.ts'

let server: TestServer
const folder = mkdtempSync(join(tmpdir(), 'vivarium-dumps-'))
before(async () => {
  server = await TestServer.start()
  const { run } = await server.shell('--quiet')
  for (const path of ['/from', '/from/a', '/from/a/b', '/from/c']) await run(`create ${path} "data of ${path}"`)
  await run('create /from/acl secret digest:bob:hash=:r,world:anyone:cdrwa')
  await run('create -e /from/a/ephemeral')
  await run('set -b /from/c //79')
})
after(async () => {
  rmSync(folder, { recursive: true })
  await server.close()
})

const file = (name: string): string => join(folder, name)

test('a subtree is copied with data and ACLs, without ephemerals, and compares as equal', async () => {
  const { run, shell } = await server.shell('--quiet')
  assert.equal(await run('cp /from /copy'), '5 created; 54 bytes; 1 ephemerals were left out\n')
  assert.equal(await run('diff /from /copy'), '')
  assert.equal(shell.exitCode, 0)
  assert.equal(await run('getAcl /copy/acl'), await run('getAcl /from/acl'))
  await run('set /copy/a changed')
  await run('delete /copy/a/b')
  await run('create /copy/new x')
  await run('setAcl /copy/c world:anyone:r')
  assert.equal(
    await run('diff /from /copy'),
    '! /a: data (15 to 7 bytes)\n< /a/b (17 bytes)\n! /c: ACL\n> /new (1 bytes)\n',
  )
  assert.equal(shell.exitCode, 1)
})

test('what is there is refused, kept or overwritten', async () => {
  const { run, shell } = await server.shell('--quiet')
  await run('create /there mine')
  assert.equal(await run('cp /from /there'), 'Node already exists: /there (-f overwrites, -k keeps)\n')
  assert.equal(await run('ls /there'), '[]\n')
  assert.match(await run('cp -k /from /there'), /^4 created, 1 kept as they were; /)
  assert.equal(await run('get /there'), 'mine\n')
  assert.match(await run('cp -f /from /there'), /^0 created, 5 overwritten; 54 bytes/)
  assert.equal(await run('diff /from /there'), '')
  for (const [line, said] of [
    ['cp /from /from/x', '/from/x is inside of /from\n'],
    ['cp -f -k /from /y', /already been selected: 'f'/],
    ['cp /none /x', 'Node does not exist: /none\n'],
    ['cp /from /none/x', 'Node does not exist: /none/x\n'],
  ] as const) {
    const printed = await run(line)
    if (typeof said === 'string') assert.equal(printed, said)
    else assert.match(printed, said)
    assert.equal(shell.exitCode, 1)
  }
})

test('a znode may have any number of children', async () => {
  const stat = { ephemeralOwner: 0n, numChildren: 0, version: 0 }
  const names = Array.from({ length: 300_000 }, (_, i) => String(i))
  const zk = {
    getData: async (path: string) => ({
      data: Buffer.alloc(0),
      isNull: false,
      stat: path === '/wide' ? { ...stat, numChildren: names.length } : stat,
    }),
    getACL: async () => ({ acl: [], stat }),
    getChildren: async () => names,
  } as unknown as ZooKeeper
  let znodes = 0
  for await (const batch of new ServerTree(zk, '/wide').batches(new AbortController().signal)) {
    znodes += batch.length
    if (znodes > 1000) break
  }
  assert.ok(znodes > 1000)
})

test('a copy to other servers', async () => {
  await using other = await TestServer.start()
  const { run } = await server.shell('--quiet')
  assert.match(await run(`cp -to ${other.address} /from /from`), /^5 created/)
  assert.equal(await run(`diff -to ${other.address} /from`), '')
  const there = await other.shell('--quiet')
  assert.equal(await there.run('ls -R /from'), '/from\n/from/a\n/from/acl\n/from/c\n/from/a/b\n')
})

for (const [name, options] of [
  ['dump.json', ''],
  ['dump.json.gz', ''],
  ['dump.bin', '-binary '],
  ['dump.bin.gz', '-binary '],
] as const) {
  test(`${name} brings back what was exported`, async () => {
    const { run, shell } = await server.shell('--quiet')
    assert.equal(await run(`export ${options}/from ${file(name)}`), '5 znodes; 1 ephemerals were left out\n')
    assert.equal(await run(`import ${file(name)} /imported`), '5 created; 54 bytes\n')
    assert.equal(await run('diff /from /imported'), '')
    assert.equal(await run(`diff -file ${file(name)} /imported`), '')
    await run('deleteall /imported')
    const bytes = readFileSync(file(name))
    writeFileSync(file(name), bytes.subarray(0, bytes.length - 30))
    const partial = await run(`import ${file(name)} /imported`)
    assert.match(partial, /is a part only|unexpected end of file|it is cut off|line 7: /)
    assert.equal(shell.exitCode, 1)
    await run('deleteall /imported')
  })
}

test('an import that was interrupted is completed with -k', async () => {
  const { run, shell, printed } = await server.shell('--quiet')
  await run('create /many')
  await shell.zk?.room()
  await Promise.all(Array.from({ length: 1000 }, (_, i) => shell.zk?.create(`/many/${i}`)))
  await run(`export /many ${file('many.json')}`)
  const running = shell.executeLine(`import ${file('many.json')} /again`)
  while (!(await shell.zk?.exists('/again'))) await shell.zk?.sync()
  shell.interrupt()
  await running
  assert.equal(shell.exitCode, 130)
  assert.match(
    printed.stderr,
    /^A part was written \(\d+ created; 0 bytes\): the same with -k goes on\.\ninterrupted\n$/,
  )
  assert.match(await run(`import -k ${file('many.json')} /again`), /^\d+ created, \d+ kept as they were; 0 bytes\n$/)
  assert.equal(await run('diff /many /again'), '')
})

test('a small subtree is moved at once, a large one if that is asked for', async () => {
  const { run, shell } = await server.shell('--quiet')
  assert.match(await run('mv /from /moved'), /there are 1 ephemerals at or below \/from/)
  await run('cp /from /small')
  assert.equal(await run('mv /small /moved'), '5 moved\n')
  assert.equal(await run('diff /from /moved'), '')
  assert.equal(await run('stat /small'), 'Node does not exist: /small\n')
  await run('create /large')
  await Promise.all(Array.from({ length: 1100 }, (_, i) => shell.zk?.create(`/large/${i}`, { data: String(i) })))
  assert.match(await run('mv /large /larger'), /too large to be moved at once \(1101 znodes\)/)
  assert.equal(await run('mv -f /large /larger'), '1101 moved\n')
  assert.equal(await run('stat /large'), 'Node does not exist: /large\n')
  assert.equal(await run('getAllChildrenNumber /larger'), '1100\n')
  assert.match(await run('mv /moved /larger'), /Node already exists/)
  assert.equal(await run('ls /moved'), '[a, acl, c]\n')
})

test('containers and TTLs come back from a file that has them', async () => {
  const { run } = await server.shell('--quiet')
  const lines = [
    { vivarium: 'dump', version: 1 },
    { path: '/', data: null },
    { path: '/container', data: '', mode: 'CONTAINER' },
    { path: '/ttl', data: 'x', mode: 'PERSISTENT_WITH_TTL', ttlMs: 60_000 },
    { end: true, znodes: 3 },
  ]
  writeFileSync(file('modes.json'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  assert.equal(await run(`import ${file('modes.json')} /modes`), '3 created; 1 bytes\n')
  assert.equal(await run('get /modes'), 'null\n')
  for (const [line, said] of [
    [{ path: 'x', data: '' }, /line 6: a path is wanted/],
    [{ path: '/x', data: '', mode: 'SOME' }, /line 6: "SOME" is no mode/],
    [{ path: '/x', data: '', acl: [{ scheme: 'world' }] }, /line 6: an entry of an acl needs/],
    [{ path: '/x' }, /line 6: data or base64 is wanted/],
  ] as const) {
    appendFileSync(file('modes.json'), `${JSON.stringify(line)}\n`)
    assert.match(await run(`import -f ${file('modes.json')} /modes`), said)
    const bytes = readFileSync(file('modes.json'))
    writeFileSync(
      file('modes.json'),
      bytes.subarray(0, statSync(file('modes.json')).size - JSON.stringify(line).length - 1),
    )
  }
  assert.match(await run(`import ${file('none.json')} /x`), /none\.json is no file in /)
})

const entries = fc.array(
  fc.record({
    path: fc
      .array(fc.stringMatching(/^[^/\0\ud800-\udfff]{1,8}$/), { maxLength: 3 })
      .map((names) => names.map((n) => `/${n}`).join('')),
    data: fc.option(fc.uint8Array()),
    acl: fc.array(fc.record({ perms: fc.nat(31), id: fc.record({ scheme: fc.string(), id: fc.string() }) }), {
      maxLength: 2,
    }),
    ttlMs: fc.option(fc.nat()),
    mode: fc.constantFrom('PERSISTENT' as const, 'CONTAINER' as const, 'PERSISTENT_WITH_TTL' as const),
  }),
)

async function decodeAll(decode: typeof decodeJson, bytes: Uint8Array, size: number): Promise<DumpItem[]> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const items: DumpItem[] = []
  for await (const item of decode(chunks())) items.push(item)
  return items
}

for (const [name, encoder, decode] of [
  ['JSON', jsonEncoder, decodeJson],
  ['binary', binaryEncoder, decodeBinary],
] as const) {
  test(`what is written as ${name} is read back, in whatever pieces; anything else is an error`, async () => {
    const plain = (entry: Entry): unknown =>
      JSON.parse(JSON.stringify({ ...entry, data: entry.data && [...entry.data] }))
    await fc.assert(
      fc.asyncProperty(entries, fc.integer({ min: 1, max: 300 }), fc.nat(), async (some, size, flip) => {
        const { begin, entries: put, end } = encoder()
        const bytes = Buffer.concat([begin(), put(some), end(some.length, 3)])
        const items = await decodeAll(decode, bytes, size)
        assert.deepEqual(items.pop(), { end: true, znodes: some.length })
        assert.deepEqual((items as Entry[]).map(plain), some.map(plain))
        bytes[flip % bytes.length]! ^= 1 << (flip % 8)
        await decodeAll(decode, bytes, size).catch((error) => assert.ok(error instanceof Error))
      }),
      { numRuns: 60 },
    )
  })
}

test('progress says how far it is', () => {
  const written: string[] = []
  const progress = new Progress(200, { isTTY: true, write: (text: string) => written.push(text) })
  progress.add(50, 2 ** 20)
  assert.match(written.join('').slice('\r\x1b[K'.length), /^\[######-{18}\] 25% {2}50 znodes, 1\.0 MiB, \d+\/s$/)
  progress.end()
  assert.equal(written.at(-1), '\r\x1b[K')
  assert.match(new Progress(null).text(Date.now()), /^0 znodes, 0\.0 MiB, 0\/s$/)
})

test('a program runs while it leads', async () => {
  const script = 'process.exit(process.env.VIVARIUM_FENCING_TOKEN > 0 ? 7 : 1)'
  const { code, stderr } = await server.once('elect', '-id', 'me', '/election', '--', process.execPath, '-e', script)
  assert.deepEqual([code, stderr], [7, ''])
  assert.equal((await server.once('ls', '/election')).stdout, '[]\n')
})

test('a program is ended when its leadership is lost, and runs again in the next', async () => {
  const { shell } = await server.shell('--quiet')
  const marker = file('led-before')
  const script = `const fs = require('fs')
    if (fs.existsSync(${JSON.stringify(marker)})) process.exit(7)
    fs.writeFileSync(${JSON.stringify(marker)}, '')
    setInterval(() => {}, 1000)`
  const running = shell.execute(['elect', '/lost', '--', process.execPath, '-e', script])
  while (!existsSync(marker)) await shell.zk?.sync()
  // Whoever takes a session over can end it.
  const { id, password } = shell.zk?.session ?? assert.fail('there is no session')
  const other = await ZooKeeper.connect(server.address, { session: { id, password } })
  await other.close()
  await running
  assert.equal(shell.exitCode, 7)
})

test('a measurement leaves nothing behind', async () => {
  const { run, shell } = await server.shell('--quiet')
  const printed = await run('bench -n 20 -c 4 -size 10')
  assert.match(
    printed,
    /^ +requests +per second +p50 ms.*\ncreate +20 +\d+ +[\d.]+ +[\d.]+ +[\d.]+\ngetData .*\nsetData .*\ndelete .*\n$/,
  )
  assert.doesNotMatch(await run('ls /'), /vivarium-bench/)
  assert.match(await run('bench -n 0'), /-n argument must be between 1 and/)
  assert.equal(shell.exitCode, 1)
})
