import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { vivarium } from './run-vivarium.ts'

const directory = mkdtempSync(join(tmpdir(), 'vivarium-cli-'))
after(() => rmSync(directory, { recursive: true }))

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version

test('--version prints the version', async () => {
  const { code, out } = await vivarium('--version').ended
  assert.deepEqual([code, out], [0, `${version()}\n`])
})

test('an unknown command or option is an error that shows what there is', async () => {
  for (const args of [['serve'], ['server', '--chek']]) {
    const { code, err } = await vivarium(...args).ended
    assert.equal(code, 2)
    assert.match(err, /error: unknown (command|option).*\n(\(Did you mean (server|--check)\?\)\n)?/)
  }
})

test('--check prints what the server would run with, and where it is set', async () => {
  const path = join(directory, 'good.cfg')
  writeFileSync(path, `dataDir=${directory}/never\nclientPort=2181\nsnapCont=4\n`)
  const { code, out, err } = await vivarium('server', path, '-DtickTime=500', '--check').ended
  assert.equal(code, 0)
  assert.match(out, /\nclientPort += {1,2}2181 +# .*good\.cfg:2\n/)
  assert.match(out, /\ntickTime += {1,2}500 +# -D tickTime\n/)
  assert.match(out, /\nmaxSessionTimeout += {1,2}10000\n/)
  assert.match(err, /^warn: .*good\.cfg:3: "snapCont" is no known key; did you mean snapCount\?\n$/)
})

test('a wrong configuration ends with exit code 2 and says where it is wrong', async () => {
  const path = join(directory, 'bad.cfg')
  writeFileSync(path, 'dataDir=/data\nclientPort=2181\ntickTime=0\n')
  for (const args of [[], ['--check']]) {
    const { code, out, err } = await vivarium('server', path, ...args).ended
    assert.equal(code, 2)
    assert.equal(out, '')
    assert.match(err, /^error: .*bad\.cfg:3: tickTime: "0" is not allowed/)
  }
})

test('a data directory that cannot be one ends with exit code 3', async () => {
  const path = join(directory, 'file')
  writeFileSync(path, '')
  const { code, err } = await vivarium('server', '-D', 'clientPort=0', '-D', `dataDir=${path}`).ended
  assert.equal(code, 3)
  assert.ok(err.includes(path))
})

test('a server says how to reach it, answers there, refuses a second one its port, and ends at a signal', async () => {
  const first = vivarium('server', '-D', 'clientPort=0', '-D', `dataDir=${directory}/one`)
  const [, port = ''] = await first.printed(/connect to +127\.0\.0\.1:(\d+)/)
  await new Promise<void>((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => resolve(socket.destroy() && undefined))
    socket.on('error', reject)
  })
  const second = await vivarium('server', '-D', `clientPort=${port}`, '-D', `dataDir=${directory}/two`).ended
  assert.equal(second.code, 1)
  const owner = process.platform === 'linux' ? `process ${first.process.pid} ` : 'another process'
  assert.ok(second.err.includes(`port ${port} of 127.0.0.1 is in use by ${owner}`), second.err)
  first.process.kill('SIGTERM')
  const { code, err } = await first.ended
  assert.equal(code, 0)
  assert.match(err, /Stopping \(SIGTERM\).*\n.*Stopped\.\n$/)
})

test('with log.format=json every line is an object, the one that says where it serves included', async () => {
  const run = vivarium('server', '-D', 'clientPort=0', '-D', `dataDir=${directory}/json`, '-D', 'log.format=json')
  await new Promise<void>((resolve) => {
    let err = ''
    run.process.stderr?.on('data', (data: Buffer) => {
      err += data
      if (err.includes('"Serving."')) resolve()
    })
  })
  run.process.kill('SIGINT')
  const { code, out, err } = await run.ended
  assert.deepEqual([code, out], [0, ''])
  const lines = err
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const serving = lines.find(({ message }) => message === 'Serving.')
  assert.equal(serving?.host, '127.0.0.1')
  assert.ok(Number(serving?.port) > 0)
})
