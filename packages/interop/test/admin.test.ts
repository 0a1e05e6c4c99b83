import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ByteReader, ByteWriter } from '../dist/bytes.js'
import { observersTold } from '../dist/monitoring/observers-told.js'
import { shape } from '../dist/monitoring/shape.js'
import { Op } from '../dist/opcodes.js'
import { RawClient } from '../dist/raw-client.js'
import { APACHE, freePort, type ServerKind, ServerProcess, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

// The admin server of both, asked the same in the same state: names and types of all fields, statuses and headers.

const suite = new Suite('admin')
const EPHEMERAL = 1
const AUTHORIZED = { authorization: 'digest reader:secret' }

interface Answer {
  readonly status: number
  readonly type: string | null
  readonly headers: readonly string[]
  readonly text: string
}

class Peer {
  readonly server: ServerProcess
  readonly #port: number
  readonly #client: RawClient

  private constructor(server: ServerProcess, port: number, client: RawClient) {
    this.server = server
    this.#port = port
    this.#client = client
  }

  /** With a session that has an ephemeral znode and a watch, and enough transactions for a digest to be kept. */
  static async start(kind: ServerKind, more: Record<string, string> = {}): Promise<Peer> {
    const port = await freePort()
    const config = {
      'admin.enableServer': 'true',
      'admin.serverPort': String(port),
      'admin.serverAddress': '127.0.0.1',
      maxSessionTimeout: '400000', // It says nothing while all the others ask.
      ...more,
    }
    const server = await ServerProcess.start(kind, { config })
    const client = await RawClient.connect(server.port)
    await client.create('/watched')
    await client.create('/watched/ephemeral', null, { flags: EPHEMERAL })
    await client.call(Op.getData, new ByteWriter().string('/watched').bool(true).take())
    for (let i = 0; i < 130; i++) await client.create(`/watched/n${i}`)
    return new Peer(server, port, client)
  }

  children(): Promise<string[]> {
    return RawClient.connect(this.server.port).then(async (client) => {
      const { body } = await client.call(Op.getChildren, new ByteWriter().string('/').bool(false).take())
      await client.close()
      return (new ByteReader(body).vector((reader) => reader.string() ?? '') ?? []).sort()
    })
  }

  /** A snapshot as the admin server sends it. */
  async snapshot(): Promise<Uint8Array<ArrayBuffer>> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/commands/snapshot`, { headers: AUTHORIZED })
    return new Uint8Array(await response.arrayBuffer())
  }

  async ask(path: string, options: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${this.#port}${path}`, options)
    return {
      status: response.status,
      type: response.headers.get('content-type')?.replace(/;.*/, '') ?? null,
      headers: ['last_zxid', 'snapshot_size'].filter((name) => response.headers.has(name)),
      text: await response.text(),
    }
  }

  /** Apache answers nothing on a connection any more whose session was not in what it has restored. */
  async stop(): Promise<void> {
    this.#client.destroy()
    await this.server.dispose()
  }
}

let apache: Peer
let vivarium: Peer

before(async () => {
  const peers = await Promise.all([Peer.start(APACHE), Peer.start(VIVARIUM)])
  apache = peers[0]
  vivarium = peers[1]
})

after(async () => {
  await apache?.stop()
  await vivarium?.stop()
})

/** Commands by every name, as Apache lists them, and what is special about asking. */
const PATHS = [
  ...['configuration', 'conf', 'config', 'connections', 'cons', 'connection_stat_reset', 'crst', 'dirs', 'dump'],
  ...['environment', 'env', 'envi', 'get_trace_mask', 'gtmk', 'hash', 'initial_configuration', 'icfg'],
  ...['is_read_only', 'isro', 'last_snapshot', 'lsnp', 'leader', 'lead', 'monitor', 'mntr'],
  ...['observer_connection_stat_reset', 'orst', 'observers', 'obsr', 'restore', 'rest', 'ruok', 'server_stats', 'srvr'],
  ...['set_trace_mask', 'stmk', 'set_trace_mask?traceMask=-7', 'stmk?traceMask=seven', 'stats', 'stat', 'snapshot'],
  ...['snap', 'stat_reset', 'srst', 'voting_view', 'watches', 'wchc', 'watches_by_path', 'wchp', 'watch_summary'],
  ...['wchs', 'zabstate', 'unknown', 'ruok/', 'RUOK', '%2e', ''],
]

for (const path of PATHS) {
  test(`/commands/${path} has the fields that Apache's has`, async (context) => {
    await suite.withPeers(context, async () => {
      const [theirs, ours] = await Promise.all([apache.ask(`/commands/${path}`), vivarium.ask(`/commands/${path}`)])
      assert.equal(ours.status, theirs.status)
      if (theirs.type !== 'application/json') assert.equal(ours.text, theirs.text)
      else {
        assert.equal(ours.type, theirs.type)
        assert.deepEqual(shape(ours.text), shape(theirs.text))
      }
      suite.report(1, [])
    })
  })
}

test('a snapshot takes somebody who may do everything on the root', async (context) => {
  await suite.withPeers(context, async () => {
    for (const authorization of ['digest', 'nobody a:b', 'digest a b c', '']) {
      const [theirs, ours] = await both('/commands/snapshot', { headers: { authorization } })
      assert.equal(ours.status, theirs.status, authorization)
      assert.deepEqual(JSON.parse(ours.text), JSON.parse(theirs.text), authorization)
    }
    const [theirs, ours] = await both('/commands/snapshot', { headers: AUTHORIZED })
    assert.deepEqual([ours.status, ours.type, ours.headers], [theirs.status, theirs.type, theirs.headers])
    assert.deepEqual([ours.text.slice(0, 4), ours.headers.length], [theirs.text.slice(0, 4), 2])
    const [theirSecond, ourSecond] = await both('/commands/snap?streaming=false', { headers: AUTHORIZED })
    assert.equal(ourSecond.status, theirSecond.status)
    suite.report(6, [])
  })
})

test('other addresses have nothing', async (context) => {
  await suite.withPeers(context, async () => {
    // (`/` leads to the console.)
    for (const path of ['/commandsx', '/favicon.ico', '/api/v2']) {
      const [theirs, ours] = await both(path)
      assert.equal(ours.status, theirs.status, path)
    }
    suite.report(3, [])
  })
})

test('of an observer a leader tells what Apache tells, and what it counts', async (context) => {
  await suite.withPeers(context, async () => {
    const [theirs, ours] = [await observersTold(APACHE), await observersTold(VIVARIUM)]
    assert.deepEqual([...theirs.complaints, ...ours.complaints], [])
    assert.deepEqual(ours.texts.map(shape), theirs.texts.map(shape))
    const counts = (texts: readonly string[]): unknown[] =>
      texts.map((text) => [/"requests" : \d+/.exec(text)?.[0], /"remote_socket_address" : "\/127/.exec(text)?.[0]])
    assert.deepEqual(counts(ours.texts), counts(theirs.texts))
    suite.report(theirs.texts.length, [])
  })
})

test('a snapshot of either is restored by the other', async (context) => {
  await suite.withPeers(context, async () => {
    const peers = await Promise.all([Peer.start(APACHE), Peer.start(VIVARIUM)])
    const [theirs, ours] = peers
    try {
      const snapshots = [await theirs.snapshot(), await ours.snapshot()]
      for (const peer of peers) {
        const client = await RawClient.connect(peer.server.port)
        await client.create('/later')
        await client.close()
        assert.deepEqual(await peer.children(), ['later', 'watched', 'zookeeper'])
      }
      const restored: Answer[] = []
      for (const [i, peer] of peers.entries()) {
        const refused = await peer.ask('/commands/restore', { method: 'POST', body: snapshots[1 - i] ?? null })
        assert.deepEqual([refused.status, JSON.parse(refused.text).command], [401, 'restore'])
        const post = { method: 'POST', headers: AUTHORIZED, body: snapshots[1 - i] ?? null }
        restored.push(await peer.ask('/commands/restore', post))
        assert.equal((await peer.ask('/commands/rest', post)).status, 429)
        assert.deepEqual(await peer.children(), ['watched', 'zookeeper'])
      }
      const [a, b] = restored
      assert.deepEqual([b?.status, shape(b?.text ?? '')], [a?.status, shape(a?.text ?? '')])
      assert.equal(a?.status, 200)
    } finally {
      for (const peer of peers) await peer.stop()
    }
    suite.report(8, [])
  })
})

const both = (path: string, options: RequestInit = {}): Promise<[Answer, Answer]> =>
  Promise.all([apache.ask(path, options), vivarium.ask(path, options)])
