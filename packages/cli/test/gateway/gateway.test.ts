import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { eventually } from '@vivarium/testing'
import { listenAddress } from '../../dist/gateway/run-gateway.js'
import { type Run, vivarium } from '../run-vivarium.ts'

const directory = mkdtempSync(join(tmpdir(), 'vivarium-cli-gateway-'))
after(() => rmSync(directory, { recursive: true }))

const server = (name: string, ...settings: string[]): Run => {
  const all = ['clientPort=0', `dataDir=${join(directory, name)}`, 'admin.serverPort=0', ...settings]
  return vivarium('server', ...all.flatMap((setting) => ['-D', setting]))
}

/** What is logged, once it has a match. */
const logged = (run: Run, pattern: RegExp): Promise<RegExpExecArray> =>
  new Promise((resolve, reject) => {
    let err = ''
    run.process.stderr?.on('data', (data: Buffer) => {
      err += data
      const match = pattern.exec(err)
      if (match !== null) resolve(match)
    })
    run.process.on('close', () => reject(new Error(`${pattern} was not logged: ${err}`)))
  })

test('a server has the HTTP API on the port of its administrators, and says where', async () => {
  const run = server('mounted')
  const [, base] = await run.printed(/(?:console|HTTP API) +(http:\/\/127\.0\.0\.1:\d+)\//)
  const { adminUrl } = await eventually('the gateway is connected', async () => {
    const status = (await (await fetch(`${base}/api/v1/status`)).json()) as { state: string; adminUrl: string }
    return status.state === 'connected' ? status : null
  })
  assert.equal(adminUrl, '/commands')
  assert.equal((await fetch(`${base}/commands/ruok`)).status, 200)
  const foreign = await fetch(`${base}/api/v1/znode?path=/x`, {
    method: 'POST',
    body: '{}',
    headers: { origin: 'http://evil.example', 'content-type': 'application/json' },
  })
  assert.equal(foreign.status, 403)
  // What the server itself tells the console is no more for other sites than the rest.
  const told = async (headers: Record<string, string>): Promise<number> =>
    await new Promise((resolve, reject) => {
      const asked = get(`${base}/api/v1/server/sessions`, { headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      })
      asked.on('error', reject)
    })
  assert.equal(await told({}), 200)
  assert.equal(await told({ host: 'evil.example' }), 421)
  assert.equal(await told({ origin: 'http://evil.example' }), 403)
  assert.equal(await told({ 'sec-fetch-site': 'cross-site' }), 403)
  run.process.kill('SIGTERM')
  assert.equal((await run.ended).code, 0)
})

test('a folder of very many children comes in pages from the server itself', async () => {
  const run = server('folder')
  const [, base] = await run.printed(/(?:console|HTTP API) +(http:\/\/127\.0\.0\.1:\d+)\//)
  const multi = async (ops: readonly object[]): Promise<void> => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ ops })
    assert.equal((await fetch(`${base}/api/v1/multi`, { method: 'POST', headers, body })).status, 200)
  }
  const names = Array.from({ length: 5000 }, (_, i) => `n${String((i * 7919) % 5000).padStart(4, '0')}`)
  await multi([{ type: 'create', path: '/folder' }])
  for (let at = 0; at < names.length; at += 1000) {
    await multi(names.slice(at, at + 1000).map((name) => ({ type: 'create', path: `/folder/${name}` })))
  }
  const page = (await (await fetch(`${base}/api/v1/children?path=/folder&at=4000&limit=1000`)).json()) as {
    total: number
    children: { name: string }[]
  }
  assert.equal(page.total, 5000)
  assert.deepEqual(
    page.children.map(({ name }) => name),
    names.toSorted().slice(4000),
  )
  run.process.kill('SIGTERM')
  assert.equal((await run.ended).code, 0)
})

test('where others reach the admin server there is no HTTP API unless it is asked for; nor where it is switched off', async () => {
  for (const [name, settings, status] of [
    ['open', ['admin.serverAddress=0.0.0.0'], 404],
    ['asked', ['admin.serverAddress=0.0.0.0', 'admin.gateway=always'], 200],
    ['off', ['admin.gateway=off'], 404],
  ] as const) {
    const run = server(name, ...settings)
    const [, port] = await logged(run, /Admin server: http:\/\/[^ ]*:(\d+)\//)
    await run.printed(/connect to/)
    assert.equal((await fetch(`http://127.0.0.1:${port}/api/v1/status`)).status, status, name)
    run.process.kill('SIGTERM')
    await run.ended
  }
})

test('a gateway stands alone before servers, and only reads if told so', async () => {
  const zk = server('behind', 'admin.enableServer=false')
  const [, servers = ''] = await zk.printed(/connect to +(\S+)/)
  const run = vivarium('gateway', '--servers', servers, '--listen', '127.0.0.1:0', '--read-only')
  const [, base] = await logged(run, /Gateway to \S+: (http:\/\/127\.0\.0\.1:\d+)\//)
  assert.equal((await fetch(`${base}/api/v1/znode?path=/`)).status, 200)
  const written = await fetch(`${base}/api/v1/znode?path=/x`, { method: 'DELETE' })
  assert.deepEqual([written.status, ((await written.json()) as { code: string }).code], [403, 'ReadOnly'])
  for (const each of [run, zk]) {
    each.process.kill('SIGTERM')
    assert.equal((await each.ended).code, 0)
  }
})

test('what cannot be meant ends a gateway with exit code 2', async () => {
  assert.equal((await vivarium('gateway', '--listen', 'here').ended).code, 2)
  assert.equal((await vivarium('gateway', '--servers', ':::', '--listen', '127.0.0.1:0').ended).code, 2)
})

test('an address to listen on has a port, and may have a host', () => {
  assert.deepEqual(listenAddress('8090'), { host: '127.0.0.1', port: 8090 })
  assert.deepEqual(listenAddress('[::1]:80'), { host: '::1', port: 80 })
  assert.deepEqual(listenAddress('0.0.0.0:0'), { host: '0.0.0.0', port: 0 })
  for (const wrong of ['', 'host', 'host:', '::1:80', 'host:99999']) assert.equal(listenAddress(wrong), null, wrong)
})
