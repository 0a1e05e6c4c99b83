import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ZooKeeper } from '@vivarium/client'
import { eventually } from '@vivarium/testing'

const BIN = fileURLToPath(new URL('../bin/vivarium.js', import.meta.url))
const FILES = 200
const FLOOD = 400

/** Resolves once the server has closed it or it has been there for a round trip of another. */
function flood(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.once('connect', () => resolve(socket))
    socket.once('close', () => resolve(socket))
  })
}

test('a server without files to spare turns clients away, and serves those that it has', async (t) => {
  if (process.platform !== 'linux') return t.skip('the system does not tell how many files there may be')
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-files-'))
  const settings = `-D dataDir=${directory} -D clientPort=0 -D admin.enableServer=false -D snapCount=20 -D maxClientCnxns=0`
  const command = `ulimit -n ${FILES}; exec ${process.execPath} ${BIN} server ${settings}`
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] })
  const sockets: Socket[] = []
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
  let log = ''
  child.stderr.on('data', (data: Buffer) => {
    log += data
  })
  const [banner] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(/connect to {2}127\.0\.0\.1:(\d+)/.exec(banner.toString())?.[1])
  const client = new ZooKeeper(`127.0.0.1:${port}`)
  await client.create('/before')
  sockets.push(...(await Promise.all(Array.from({ length: FLOOD }, () => flood(port)))))
  // Log files are begun and snapshots written meanwhile: there are files for that.
  for (let i = 0; i < 100; i++) await client.create(`/before/n${i}`)
  assert.equal((await client.getChildren('/before')).length, 100)
  assert.match(log, /Refused a connection: there are \d+ connections already, and the process may open few more files/)
  await eventually('a snapshot has been written', async () => {
    return readdirSync(join(directory, 'version-2')).find((name) => /^snapshot\.[1-9a-f]/.test(name)) ?? null
  })
  await client.close()
})
