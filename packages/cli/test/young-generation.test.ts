import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

const MOST_BYTES = 4 * 2 ** 20

/** How far that part of the heap grows in a process that keeps things for a while. */
function grownBytes(limited: boolean): number {
  const script = `
    const { limitYoungGeneration, youngGenerationBytes } = await import('${new URL('../dist/young-generation.js', import.meta.url)}')
    if (${limited}) limitYoungGeneration(${MOST_BYTES})
    let kept = []
    for (let turn = 0; turn < 300; turn++) {
      for (let i = 0; i < 2000; i++) kept.push({ turn, of: [i] })
      if (turn % 50 === 0) kept = []
      await new Promise(setImmediate)
    }
    console.log(youngGenerationBytes())`
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }))
}

test('the young generation stops growing near its limit', () => {
  const limited = grownBytes(true)
  assert.ok(limited >= MOST_BYTES && limited <= 2 * MOST_BYTES, `${limited} bytes`)
  assert.ok(grownBytes(false) > 2 * MOST_BYTES, 'else there was nothing to limit')
})
