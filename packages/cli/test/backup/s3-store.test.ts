import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { nodeDisk } from '@vivarium/env/node'
import type { BackupStore } from '@vivarium/server/backup'
import { openStore } from '../../dist/backup/open-store.js'
import { FakeS3 } from './fake-s3.ts'

const MB = 1024 * 1024

async function opened(t: TestContext, target = 's3://bucket/a/b/'): Promise<{ s3: FakeS3; store: BackupStore }> {
  const s3 = await FakeS3.start(t)
  const credentials = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }
  return { s3, store: await openStore(nodeDisk, target, { ...credentials, AWS_ENDPOINT_URL: `${s3.endpoint}/` }) }
}

async function* pieces(...sizes: readonly number[]): AsyncIterable<Uint8Array> {
  let fill = 0
  for (const size of sizes) yield Buffer.alloc(size, ++fill)
}

async function contents(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const part of parts) all.push(part)
  return Buffer.concat(all)
}

test('what is small goes in one request, and comes back', async (t) => {
  const { s3, store } = await opened(t)
  await store.put('s/one', pieces(3, 4))
  await store.put('s/empty', pieces())
  assert.deepEqual(s3.requests, ['PUT', 'PUT'])
  assert.deepEqual([...s3.objects.keys()], ['a/b/s/one', 'a/b/s/empty'])
  assert.deepEqual(await contents(store.get('s/one')), await contents(pieces(3, 4)))
})

test('what is large goes in parts', async (t) => {
  const { s3, store } = await opened(t)
  const sizes = [5 * MB, 5 * MB, 1, 9 * MB]
  await store.put('s/large', pieces(...sizes))
  const parts = ['PUT partNumber uploadId', 'PUT partNumber uploadId', 'PUT partNumber uploadId']
  assert.deepEqual(s3.requests, ['POST uploads', ...parts, 'POST uploadId'])
  assert.ok((await contents(store.get('s/large'))).equals(await contents(pieces(...sizes))))
})

test('a large object that cannot be sent to its end is given up', async (t) => {
  const { s3, store } = await opened(t)
  const broken = async function* (): AsyncIterable<Uint8Array> {
    yield* pieces(20 * MB)
    throw new Error('the disk broke')
  }
  await assert.rejects(store.put('s/large', broken()), /the disk broke/)
  assert.deepEqual([s3.objects.size, s3.uploads], [0, 0])
})

test('a list is asked for page by page, sorted, without the prefix', async (t) => {
  const { s3, store } = await opened(t)
  for (const name of ['s/c', 's/a', 's/b']) await store.put(name, pieces(name.length))
  s3.objects.set('elsewhere', Buffer.alloc(1))
  assert.deepEqual(await store.list(), [
    { name: 's/a', bytes: 3 },
    { name: 's/b', bytes: 3 },
    { name: 's/c', bytes: 3 },
  ])
  await store.remove('s/a')
  assert.equal((await store.list()).length, 2)
})

test('a server that has a bad moment is asked again; a refusal is told', async (t) => {
  const { s3, store } = await opened(t)
  s3.failures.push(503, 500)
  await store.put('s/one', pieces(1))
  assert.deepEqual(s3.requests, ['PUT', 'PUT', 'PUT'])
  s3.failures.push(400)
  await assert.rejects(store.list(), /^BackupError: s3:\/\/bucket\/a\/b\/: GET was answered with 400: not <now>$/)
  await assert.rejects(contents(store.get('s/none')), /404: NoSuchKey/)
})

test('without credentials, or with another scheme, a store is refused', async () => {
  await assert.rejects(openStore(nodeDisk, 's3://bucket/a', {}), /needs AWS_ACCESS_KEY_ID/)
  await assert.rejects(openStore(nodeDisk, 'ftp://host/a', {}), /a directory, or s3/)
  assert.equal((await openStore(nodeDisk, '/backup', {})).description, '/backup')
})
