import assert from 'node:assert/strict'
import { once } from 'node:events'
import { getPriority } from 'node:os'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'

const LINUX = process.platform === 'linux'

test('a thread lowers its own priority and no other', { skip: !LINUX }, async () => {
  const before = getPriority()
  const url = new URL('../../dist/node/index.js', import.meta.url).href
  const worker = new Worker(
    `import('${url}').then(({ lowerThreadPriority }) => {
      lowerThreadPriority()
      require('node:worker_threads').parentPort.postMessage(require('node:os').getPriority())
    })`,
    { eval: true },
  )
  const [priority] = (await once(worker, 'message')) as [number]
  assert.equal(priority, Math.max(before, 10))
  assert.equal(getPriority(), before)
})
