import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ByteWriter } from '../dist/bytes.js'
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
  static async start(kind: ServerKind): Promise<Peer> {
    const port = await freePort()
    const config = {
      'admin.enableServer': 'true',
      'admin.serverPort': String(port),
      'admin.serverAddress': '127.0.0.1',
    }
    const server = await ServerProcess.start(kind, { config })
    const client = await RawClient.connect(server.port)
    await client.create('/watched')
    await client.create('/watched/ephemeral', null, { flags: EPHEMERAL })
    await client.call(Op.getData, new ByteWriter().string('/watched').bool(true).take())
    for (let i = 0; i < 130; i++) await client.create(`/watched/n${i}`)
    return new Peer(server, port, client)
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

  async stop(): Promise<void> {
    await this.#client.close()
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

/** Not shown by us: what is counted by namespace. */
const LEFT_OUT = /^(?:avg|min|max|cnt|sum)_.*_(?:read|write)_per_namespace$/

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
    for (const path of ['/', '/commandsx', '/favicon.ico']) {
      const [theirs, ours] = await both(path)
      assert.equal(ours.status, theirs.status, path)
    }
    suite.report(3, [])
  })
})

const both = (path: string, options: RequestInit = {}): Promise<[Answer, Answer]> =>
  Promise.all([apache.ask(path, options), vivarium.ask(path, options)])

/** Names and types: what is by time or session is one of each. Numbers keep whether they have a fraction. */
function shape(text: string): unknown {
  const marked = text.replace(/ : (-?\d+)(\.\d+)?/g, (_, _whole, fraction) => ` : "${fraction ? 'fraction' : 'whole'}"`)
  return shapeOf(JSON.parse(marked))
}

function shapeOf(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])]
  if (value === null) return null
  if (typeof value === 'object') {
    const names = Object.keys(value).filter((name) => !LEFT_OUT.test(name))
    const entries = names.map((name) => [/^\d+$/.test(name) ? 'number' : name, name] as const)
    return Object.fromEntries(
      entries
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, own]) => [name, shapeOf((value as Record<string, unknown>)[own], own)]),
    )
  }
  return key === 'error' || key === 'command' || value === 'whole' || value === 'fraction' ? value : typeof value
}
