import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RawConnection } from '../protocol/raw-connection.ts'
import { at, create, look, set } from '../protocol/requests.ts'
import { startStandalone } from './standalone.ts'

const mask = (value: bigint): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, value)
  return bytes
}

test('the connection of a word is listed while it is answered: one packet received, and nothing awaited', async (t) => {
  const server = await startStandalone(t)
  assert.match(await server.word('cons'), /^ \/127\.0\.0\.1:\d+\[0\]\(queued=0,recved=1,sent=0\)\n\n$/)
  assert.match(await server.word('stat'), /\n \/127\.0\.0\.1:\d+\[0\]\(queued=0,recved=1,sent=0\)\n/)
})

/** What Apache ZooKeeper 3.9.5 counted when it was sent the same. */
test("packets and bytes are counted as Java's server counts them", async (t) => {
  const server = await startStandalone(t)
  const client = await server.client()
  await client.do('create', create('/a', { data: 'hello' }))
  await client.do('getData', look('/a', true))
  await client.do('setData', set('/a', 'y'))
  assert.equal(await client.code('delete', at('/nowhere')), 'NONODE')
  await client.do('getData', look('/a'))
  const figures = await server.word('mntr')
  const counted = (name: string): string | undefined => new RegExp(`^zk_${name}\\t(.*)$`, 'm').exec(figures)?.[1]
  assert.deepEqual(
    Object.fromEntries(Object.keys(COUNTED_BY_JAVA).map((name) => [name, counted(name)])),
    COUNTED_BY_JAVA,
  )
  assert.match(await server.word('cons'), /queued=0,recved=6,sent=7,sid=/)
})

const COUNTED_BY_JAVA = {
  packets_received: '7',
  packets_sent: '7',
  bytes_received_count: '204',
  response_bytes: '304',
  watch_bytes: '30',
  last_client_response_size: '89',
  min_client_response_size: '16',
  max_client_response_size: '93',
  cnt_readlatency: '2',
  cnt_updatelatency: '4',
  cnt_propagation_latency: '4',
  cnt_sync_processor_batch_size: '4',
  cnt_sync_processor_queue_flush_time_ms: '4',
  cnt_snapshottime: '1',
  snap_count: '0',
  digest_mismatches_count: '0',
  cnt_startup_txns_loaded: '0',
  cnt_node_changed_watch_count: '1',
  connection_drop_count: '0',
}

test('a client that goes away by itself is counted as dropped, one that closes its session is not', async (t) => {
  const server = await startStandalone(t)
  await (await server.client()).close()
  const leaving = await server.client()
  leaving.connection.destroy()
  // Each word is a turn of the server in which it may notice.
  while ((await server.metric('num_alive_connections')) !== '1');
  assert.equal(await server.metric('connection_drop_count'), '1')
})

test('srst forgets the word itself, too', async (t) => {
  const server = await startStandalone(t)
  await (await server.client()).do('create', create('/a'))
  assert.equal(await server.word('srst'), 'Server stats reset.\n')
  assert.match(await server.word('srvr'), /Latency min\/avg\/max: 0\/0\.0\/0\nReceived: 1\nSent: 1\n/)
})

test('stmk takes the eight bytes that follow, in whatever pieces they come', async (t) => {
  const server = await startStandalone(t)
  assert.equal(await server.word('gtmk'), '306')
  assert.equal(await server.word('stmk', mask(-2n)), '-2')
  const connection = await RawConnection.open(server.port)
  connection.send(Buffer.from('stmk'))
  // By the time this has been answered, the word alone has been looked at.
  assert.equal(await server.word('gtmk'), '-2')
  connection.send(mask(512n))
  assert.equal((await connection.untilClosed()).rest, '512')
})

test('a word that is not in the whitelist is refused at once, with or without its argument', async (t) => {
  const server = await startStandalone(t, { '4lw.commands.whitelist': 'ruok' })
  for (const word of ['stmk', 'mntr', 'isro']) {
    assert.equal(await server.word(word), `${word} is not executed because it is not in the whitelist.\n`)
  }
  assert.equal(await server.word('ruok'), 'imok')
  assert.match(await server.word('srvr'), /^Zookeeper version: 3\.9\.5/)
})

test('with read-only mode enabled isro is answered without being asked for', async (t) => {
  const server = await startStandalone(t, { '4lw.commands.whitelist': '', 'readonlymode.enabled': 'true' })
  assert.equal(await server.word('isro'), 'rw')
})

test('the lists of watches are complete, however long they are', async (t) => {
  const server = await startStandalone(t)
  const [one, two] = [await server.client(), await server.client()]
  const paths = Array.from({ length: 2500 }, (_, i) => `/watched-${i}`)
  for (const client of [one, two]) {
    for (const path of paths) await client.ask('exists', look(path, true))
    await client.ask('getChildren', look('/', true))
  }
  assert.equal(await server.word('wchs'), '2 connections watching 2500 paths\nTotal watches:5000\n')
  const hex = ({ session }: typeof one): string => `0x${session.sessionId.toString(16)}`
  const byPath = paths.map((path) => `${path}\n\t${hex(one)}\n\t${hex(two)}\n`)
  assert.equal(await server.word('wchp'), `${byPath.join('')}\n`)
  const lines = paths.map((path) => `\t${path}\n`).join('')
  assert.equal(await server.word('wchc'), `${hex(one)}\n${lines}${hex(two)}\n${lines}\n`)
})
