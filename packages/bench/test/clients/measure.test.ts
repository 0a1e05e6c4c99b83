import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DATA_BYTES, measure, type ThroughputSpec } from '../../dist/clients/throughput/measure.js'
import type { Done, Subject } from '../../dist/clients/throughput/subject.js'

const SPEC: ThroughputSpec = { subject: 'vivarium', port: 0, packages: '', load: 'get', depth: 3, seconds: 0.01 }

/** Answers in the next turn, and keeps the count of what is in flight. */
class Fake implements Subject {
  inFlight = 0
  most = 0
  readonly paths = new Set<string>()
  readonly #answer: Uint8Array

  constructor(answer: Uint8Array) {
    this.#answer = answer
  }

  get(path: string, done: Done): void {
    this.paths.add(path)
    this.most = Math.max(this.most, ++this.inFlight)
    setImmediate(() => {
      this.inFlight--
      done(null, this.#answer)
    })
  }

  set(path: string, _data: Buffer, done: Done): void {
    this.get(path, (error) => done(error, null))
  }

  close(): void {}
}

test('as many requests are in flight as were asked for, of one znode after another', async () => {
  const fake = new Fake(Buffer.alloc(DATA_BYTES))
  const { operationsPerSecond, cpuMicrosPerOperation } = await measure(fake, SPEC)
  assert.equal(fake.most, SPEC.depth)
  assert.ok(fake.paths.size > SPEC.depth)
  assert.ok(operationsPerSecond > 0 && cpuMicrosPerOperation > 0)
})

test('an answer that is wrong ends the measurement', async () => {
  await assert.rejects(measure(new Fake(Buffer.alloc(1)), SPEC), /not what was written/)
  await assert.doesNotReject(measure(new Fake(Buffer.alloc(1)), { ...SPEC, load: 'set' }))
})
