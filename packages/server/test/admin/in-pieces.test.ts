import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exposition } from '../../dist/admin/exposition.js'
import { inPieces } from '../../dist/admin/in-pieces.js'
import { createMetrics } from '../../dist/admin/metrics.js'

test('parts are put together, in their order, to pieces that are neither tiny nor huge', () => {
  const parts = Array.from({ length: 10_000 }, (_, line) => `line ${line}\n`)
  const pieces = [...inPieces(parts)]
  assert.equal(pieces.join(''), parts.join(''))
  assert.ok(pieces.length > 1 && pieces.length < 10, String(pieces.length))
  assert.deepEqual([...inPieces(['a', '', 'b'])], ['ab'])
  assert.deepEqual([...inPieces([])], [])
})

test('nothing is made before it is wanted', () => {
  let made = 0
  const parts = (function* (): Iterable<string> {
    for (;;) {
      made++
      yield 'x'.repeat(1000)
    }
  })()
  const [piece] = inPieces(parts)
  assert.equal(piece?.length, made * 1000)
})

test('all metrics of a server that has just begun leave in one write', () => {
  assert.equal([...inPieces(exposition(createMetrics(true)))].length, 1)
})
