import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyBytes } from '@vivarium/protocol'

test('a copy stays as it was, of a Buffer too', () => {
  for (const original of [new Uint8Array([1, 2, 3, 4]), Buffer.from([1, 2, 3, 4])]) {
    const copy = copyBytes(original, 1, 3)
    const whole = copyBytes(original)
    original.fill(9)
    assert.deepEqual([...copy], [2, 3])
    assert.deepEqual([...whole], [1, 2, 3, 4])
  }
})
