import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { onStopSignal } from '../dist/stop-signals.js'

class FakeProcess extends EventEmitter {
  readonly exits: number[] = []

  exit(code: number): void {
    this.exits.push(code)
  }
}

for (const [first, second, exitCode] of [
  ['SIGTERM', 'SIGTERM', 143],
  ['SIGINT', 'SIGINT', 130],
  ['SIGINT', 'SIGTERM', 143],
] as const) {
  test(`${first} asks for an orderly end, and ${second} after it does not wait`, () => {
    const target = new FakeProcess()
    const asked: string[] = []
    onStopSignal((signal) => asked.push(signal), target)
    target.emit(first)
    assert.deepEqual([asked, target.exits], [[first], []])
    target.emit(second)
    assert.deepEqual([asked, target.exits], [[first], [exitCode]])
  })
}
