import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { configPath, outputFile, pidFile } from '../../dist/daemon/paths.js'
import { isServer, readPid } from '../../dist/daemon/pid-file.js'

const nowhere = (): boolean => false

test('the configuration is where zkServer.sh looks for it', () => {
  assert.equal(configPath(undefined, undefined, {}, nowhere), undefined)
  assert.equal(configPath('my.cfg', undefined, {}, nowhere), 'my.cfg')
  assert.equal(configPath(undefined, '/etc/zk', {}, nowhere), '/etc/zk/zoo.cfg')
  assert.equal(configPath(undefined, undefined, { ZOOCFGDIR: '/etc/zk', ZOOCFG: 'b.cfg' }, nowhere), '/etc/zk/b.cfg')
  assert.equal(configPath('my.cfg', undefined, { ZOOCFGDIR: '/etc/zk' }, nowhere), '/etc/zk/my.cfg')
  assert.equal(
    configPath('my.cfg', undefined, { ZOOCFGDIR: '/etc/zk' }, () => true),
    'my.cfg',
  )
  assert.equal(configPath(undefined, '/first', { ZOOCFGDIR: '/second' }, nowhere), '/first/zoo.cfg')
})

test('pid file and output are in the data directory unless the environment says otherwise', () => {
  assert.equal(pidFile('/data', {}), '/data/zookeeper_server.pid')
  assert.equal(pidFile('/data', { ZOOPIDFILE: '/run/zk.pid' }), '/run/zk.pid')
  assert.match(outputFile('/data', {}), /^\/data\/zookeeper-.*-server-.*\.out$/)
  assert.match(outputFile('/data', { ZOO_LOG_DIR: '/var/log' }), /^\/var\/log\/zookeeper-/)
})

test('what is no number of a process names none', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-pid-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'pid')
  assert.equal(readPid(file), null)
  for (const text of ['', 'x', '0', '-1', '1.5']) {
    writeFileSync(file, text)
    assert.equal(readPid(file), null, text)
  }
  writeFileSync(file, '42\n')
  assert.equal(readPid(file), 42)
})

test('a process that has ended, or is something else, is no server', { skip: process.platform !== 'linux' }, () => {
  assert.equal(isServer(2 ** 22 + 1), false)
  assert.equal(isServer(1), false)
})
