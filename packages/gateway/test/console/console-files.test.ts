import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ConsoleFiles } from '../../dist/console/console-files.js'
import { ask } from '../ask.ts'

const folder = mkdtempSync(join(tmpdir(), 'vivarium-console-'))
const server = createServer()
let port = 0

before(async () => {
  mkdirSync(join(folder, 'dist', 'assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.html'), 'secret')
  writeFileSync(join(folder, 'dist', 'index.html'), '<title>console</title>')
  writeFileSync(join(folder, 'dist', 'assets', 'app-1a2b.js'), 'plain')
  writeFileSync(join(folder, 'dist', 'assets', 'app-1a2b.js.br'), 'brotli')
  writeFileSync(join(folder, 'dist', 'assets', 'app-1a2b.js.gz'), 'gzip')
  writeFileSync(join(folder, 'dist', 'notes.txt'), 'of a type that is not the console’s')
  const files = await ConsoleFiles.open(join(folder, 'dist'))
  server.on('request', (request, response) => {
    if (!files?.answer(request.url ?? '', request, response)) response.writeHead(418).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
after(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const get = (path: string, headers: Record<string, string> = {}): ReturnType<typeof ask> =>
  ask(port, 'GET', path, { headers })

test('the root leads to the console, and every page of it is the same file', async () => {
  for (const path of ['/', '/console']) {
    const { status, headers } = await get(path)
    assert.deepEqual([status, headers.location], [302, '/console/'])
  }
  for (const path of ['/console/', '/console/znode', '/console/index.html']) {
    const { status, text, headers } = await get(path)
    assert.deepEqual([status, text], [200, '<title>console</title>'])
    assert.match(String(headers['content-security-policy']), /default-src 'none'; script-src 'self'/)
    assert.equal(headers['cache-control'], 'no-cache')
  }
  assert.equal((await get('/other')).status, 418)
})

test('files are sent in the shortest form that the browser takes, and kept if their names say what is in them', async () => {
  const path = '/console/assets/app-1a2b.js'
  for (const [accepted, encoding, body] of [
    ['gzip, deflate, br', 'br', 'brotli'],
    ['gzip;q=1.0', 'gzip', 'gzip'],
    ['identity', undefined, 'plain'],
  ] as const) {
    const { headers, text } = await get(path, { 'accept-encoding': accepted })
    assert.deepEqual([headers['content-encoding'], text], [encoding, body])
    assert.match(String(headers['cache-control']), /immutable/)
    const again = await get(path, { 'accept-encoding': accepted, 'if-none-match': String(headers.etag) })
    assert.deepEqual([again.status, again.text], [304, ''])
  }
})

test('nothing else is reached, however it is asked for', async () => {
  for (const path of [
    '/console/../secret.html',
    '/console/%2e%2e/secret.html',
    '/console//secret.html',
    '/console/notes.txt',
  ]) {
    assert.notEqual((await get(path)).text, 'secret')
    assert.equal((await get(path)).status, 404)
  }
  assert.equal((await ask(port, 'POST', '/console/')).status, 405)
})

test('without files there is no console', async () => {
  assert.equal(await ConsoleFiles.open(null), null)
  assert.equal(await ConsoleFiles.open(join(folder, 'nowhere')), null)
})
