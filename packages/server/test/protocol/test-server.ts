import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '@vivarium/env'
import { nodeClock, nodeDisk } from '@vivarium/env/node'
import { type Txn, Writer, writeTxn } from '@vivarium/protocol'
import { loadConfig, startServer } from '../../dist/index.js'
import { TransactionLog } from '../../dist/storage/transaction-log.js'
import { RawConnection } from './raw-connection.ts'
import { TestClient } from './test-client.ts'

/**
 * A command that starts another server, given the path of a zoo.cfg: then these tests say what that one does. So they
 * have been held to Apache ZooKeeper 3.9.5: `VIVARIUM_PROTOCOL_SERVER=…/zkServer-foreground.sh npm test`.
 */
const OTHER_SERVER = process.env.VIVARIUM_PROTOCOL_SERVER

/** A test of what Vivarium does otherwise than Apache ZooKeeper, on purpose: see docs/compatibility/client-protocol.md. */
export const deviation = OTHER_SERVER === undefined ? test : test.skip

/** Java takes these as system properties of the JVM only. */
const JVM_ONLY = /^(?:jute\.maxbuffer|znode\.container\.)/

/** A standalone server in a directory of its own. */
export interface TestServer {
  readonly port: number
  /** A new session. */
  client(): Promise<TestClient>
  /** A connection that has said nothing yet. */
  connect(): Promise<RawConnection>
  /** Stops it, and starts it again over the same data. */
  restart(): Promise<void>
  close(): Promise<void>
}

/**
 * @param properties lines of its zoo.cfg
 * @param transactions what its log has before the first start
 */
export async function startTestServer(
  properties: Readonly<Record<string, string>> = {},
  transactions: readonly Txn[] = [],
): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-protocol-'))
  const settings = {
    dataDir: join(directory, 'data'),
    clientPort: OTHER_SERVER === undefined ? '0' : String(await freePort()),
    clientPortAddress: '127.0.0.1',
    forceSync: 'no',
    preAllocSize: '64',
    ...properties,
  }
  if (transactions.length > 0) await writeLog(join(settings.dataDir, 'version-2'), transactions)
  const start = OTHER_SERVER === undefined ? startOurs : startOther
  let running = await start(directory, settings)
  return {
    get port() {
      return running.port
    },
    client: () => TestClient.connect(running.port),
    connect: () => RawConnection.open(running.port),
    async restart() {
      await running.stop()
      running = await start(directory, settings)
    },
    async close() {
      await running.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function writeLog(directory: string, transactions: readonly Txn[]): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const log = new TransactionLog(
    {
      disk: nodeDisk,
      clock: nodeClock,
      log: silentLog,
      directory,
      forceSync: false,
      preAllocBytes: 0,
      sizeLimitBytes: -1,
      slowWriteMs: 1e9,
    },
    { synced() {}, failed() {}, full() {}, recovered() {} },
  )
  for (const txn of transactions) {
    const record = new Writer()
    writeTxn(record, txn)
    log.append(txn.zxid, record.bytes, 0, record.length)
  }
  await log.close()
}

interface Running {
  readonly port: number
  stop(): Promise<void>
}

const lines = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')

async function startOurs(directory: string, settings: Readonly<Record<string, string>>): Promise<Running> {
  const { config, messages } = loadConfig({ path: join(directory, 'zoo.cfg'), text: lines(settings) })
  if (config === null) throw new Error(messages.map(({ text }) => text).join('; '))
  const server = await startServer({ config, env: { log: silentLog } })
  return { port: server.address?.port ?? 0, stop: () => server.close() }
}

async function startOther(directory: string, settings: Readonly<Record<string, string>>): Promise<Running> {
  const all = Object.entries(settings)
  const file = join(directory, 'zoo.cfg')
  const inFile = all.filter(([key]) => !JVM_ONLY.test(key))
  writeFileSync(file, lines({ ...Object.fromEntries(inFile), 'admin.enableServer': 'false' }))
  const flags = all.filter(([key]) => JVM_ONLY.test(key)).map(([key, value]) => `-D${key}=${value}`)
  const env = { ...process.env, JVMFLAGS: ['-Xmx256m', ...flags].join(' ') }
  const child: ChildProcess = spawn(OTHER_SERVER as string, [file], { stdio: 'ignore', env })
  process.once('exit', () => child.kill('SIGKILL'))
  const port = Number(settings.clientPort)
  while (child.exitCode === null && !(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 50))
  return {
    port,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
}

/** Whether somebody listens, and answers `srvr`, which every configuration allows. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1000 })
    socket.on('connect', () => socket.write('srvr'))
    // One that is just starting may forget to answer.
    socket.on('timeout', () => socket.destroy())
    let text = ''
    socket.on('data', (chunk: Uint8Array) => {
      text += Buffer.from(chunk).toString()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text.includes('Zookeeper version')))
  })
}

/** One below those that the system gives away by itself: who tries such a port too early is connected to himself. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer().listen(port, '127.0.0.1')
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    server.close()
    if (free) return port
  }
}
