import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { eventually, freePort } from '@vivarium/testing'

const BIN = fileURLToPath(new URL('../../bin/vivarium.js', import.meta.url))

/** Keys and certificates of the server's own tests. */
const STORES = fileURLToPath(new URL('../../../server/test/tls/fixtures', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly out: string
}

async function server(directory: string, ...args: string[]): Promise<Ended> {
  const environment = { ...process.env, ZOOCFGDIR: directory, JVMFLAGS: '', SERVER_JVMFLAGS: '' }
  const child = spawn(process.execPath, [BIN, 'server', ...args], { env: environment })
  let out = ''
  child.stdout.on('data', (data: Buffer) => {
    out += data
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out }
}

async function layOut(
  t: TestContext,
  dataDir?: string,
  portLines = (port: number): string[] => [`clientPort=${port}`, 'clientPortAddress=127.0.0.1'],
): Promise<{ directory: string; pidFile: string; port: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-daemon-'))
  const port = await freePort()
  const data = dataDir ?? join(directory, 'data')
  const lines = [`dataDir=${data}`, ...portLines(port), 'admin.enableServer=false']
  writeFileSync(join(directory, 'zoo.cfg'), lines.join('\n'))
  t.after(async () => {
    await server(directory, 'stop')
    rmSync(directory, { recursive: true, force: true })
  })
  return { directory, pidFile: join(data, 'zookeeper_server.pid'), port }
}

/** On a busy machine `start` does not wait until the server serves. */
function hasStarted({ code, out }: Ended, said: string): void {
  assert.deepEqual([code, out.replace(/ \(still loading its data: .*\)\n$/, '\n')], [0, `${said}\n`])
}

test('a server is started, asked, started anew and stopped in the background', async (t) => {
  const { directory, pidFile, port } = await layOut(t)
  hasStarted(await server(directory, 'start'), 'Starting zookeeper ... STARTED')
  const pid = readFileSync(pidFile, 'utf8')
  const again = await server(directory, 'start')
  assert.deepEqual(again, { code: 1, out: `Starting zookeeper ... already running as process ${pid}.\n` })
  const found = `Client port found: ${port}. Client address: 127.0.0.1. Client SSL: false.\n`
  const asked = await eventually('it serves', async () => {
    const status = await server(directory, 'status')
    return status.code === 0 ? status : null
  })
  assert.equal(asked.out, `${found}Mode: standalone\n`)
  const restarted = await server(directory, 'restart')
  hasStarted(restarted, 'Stopping zookeeper ... STOPPED\nStarting zookeeper ... STARTED')
  assert.notEqual(readFileSync(pidFile, 'utf8'), pid)
  assert.deepEqual(await server(directory, 'stop'), { code: 0, out: 'Stopping zookeeper ... STOPPED\n' })
  assert.equal(existsSync(pidFile), false)
  const status = await server(directory, 'status')
  assert.deepEqual(status, { code: 1, out: `${found}Error contacting service. It is probably not running.\n` })
  const nothing = `Stopping zookeeper ... no zookeeper to stop (could not find file ${pidFile})\n`
  assert.deepEqual(await server(directory, 'stop'), { code: 0, out: nothing })
})

test('a server that is reached over TLS only is asked with its own certificate', async (t) => {
  const { directory, port } = await layOut(t, undefined, (port) => [
    `secureClientPort=${port}`,
    'secureClientPortAddress=127.0.0.1',
    `ssl.keyStore.location=${STORES}/server.pem`,
    `ssl.trustStore.location=${STORES}/ca.pem`,
  ])
  hasStarted(await server(directory, 'start'), 'Starting zookeeper ... STARTED')
  const asked = await eventually('it serves', async () => {
    const status = await server(directory, 'status')
    return status.code === 0 ? status : null
  })
  const found = `Client port found: ${port}. Client address: 127.0.0.1. Client SSL: true.\n`
  assert.equal(asked.out, `${found}Mode: standalone\n`)
  process.env.CLIENT_JVMFLAGS = `-Dzookeeper.client.secure=true -Dzookeeper.ssl.trustStore.location=${STORES}/other-ca.pem`
  t.after(() => {
    delete process.env.CLIENT_JVMFLAGS
  })
  const { code, out } = await server(directory, 'status')
  assert.equal(code, 1)
  assert.match(out, /certificate.*\n.*CLIENT_JVMFLAGS.*\nError contacting service/)
})

test('a server that cannot start says why, with its exit code', async (t) => {
  const { directory } = await layOut(t, '/dev/null/data')
  const environment = process.env
  environment.ZOO_LOG_DIR = directory
  t.after(() => {
    delete environment.ZOO_LOG_DIR
  })
  const { code, out } = await server(directory, 'start')
  assert.equal(code, 3)
  assert.match(out, /^Starting zookeeper \.\.\. FAILED TO START\n.*cannot be used/s)
})

test('the command is printed as a shell takes it, and the version as clients take it apart', async (t) => {
  const { directory } = await layOut(t)
  const { out } = await server(directory, 'print-cmd')
  assert.match(out, / server \S+\/zoo\.cfg > \S+\.out 2>&1 < \/dev\/null\n$/)
  assert.match((await server(directory, 'version')).out, /^Vivarium, version 3\.9\.5-vivarium-/)
})
