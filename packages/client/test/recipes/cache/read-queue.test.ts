import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReadQueue, type Turn } from '../../../dist/recipes/cache/read-queue.js'

/** A queue whose readings are ended by hand. */
class Readings {
  readonly log: string[] = []
  readonly queue: ReadQueue
  readonly #open = new Map<string, { turn: Turn; end: () => void }>()

  constructor(limit: number) {
    const read = (turn: Turn): Promise<void> => {
      this.log.push(`read ${turn.path}`)
      return new Promise((end) => this.#open.set(turn.path, { turn, end }))
    }
    this.queue = new ReadQueue(limit, read, () => this.log.push('swept'))
  }

  /** Ends a reading that has found these below it. Returns what it would have put into a picture. */
  async end(path: string, ...found: string[]): Promise<'kept' | 'void'> {
    const { turn, end } = this.#open.get(path) ?? assert.fail(`${path} is not being read`)
    this.#open.delete(path)
    if (!turn.isVoid) for (const each of found) this.queue.add(each, turn.sweep)
    end()
    await Promise.resolve()
    return turn.isVoid ? 'void' : 'kept'
  }
}

test('few are read at a time, in their order, and none twice at once', () => {
  const { log, queue } = new Readings(2)
  for (const path of ['/a', '/b', '/c', '/a', '/a']) queue.add(path)
  assert.deepEqual(log, ['read /a', 'read /b'])
})

test('what changes while it is read is read once more, however often it changed', async () => {
  const readings = new Readings(2)
  for (const path of ['/a', '/b', '/a', '/c', '/a']) readings.queue.add(path)
  assert.equal(await readings.end('/b'), 'kept')
  // The place of /a is taken by itself: /c, which came after it, goes first.
  assert.deepEqual(readings.log, ['read /a', 'read /b', 'read /c'])
  await readings.end('/a')
  await readings.end('/c')
  await readings.end('/a')
  assert.deepEqual(readings.log, ['read /a', 'read /b', 'read /c', 'read /a'])
  await readings.queue.idle()
})

test('what is deleted while it is read does not count, and is read again', async () => {
  const readings = new Readings(2)
  readings.queue.add('/a')
  readings.queue.deleted('/a')
  readings.queue.deleted('/a')
  readings.queue.deleted('/b')
  assert.equal(await readings.end('/a'), 'void')
  assert.equal(await readings.end('/a'), 'kept')
  assert.deepEqual(readings.log, ['read /a', 'read /a'])
})

test('a sweep is through when all that was found in it has been read', async () => {
  const readings = new Readings(2)
  readings.queue.sweep('/')
  await readings.end('/', '/a', '/b')
  // A change of its own is none of the sweep's business.
  readings.queue.add('/other')
  await readings.end('/a')
  assert.equal(readings.log.includes('swept'), false)
  await readings.end('/b')
  assert.equal(readings.log.at(-1), 'swept')
  await readings.end('/other')
  assert.equal(readings.log.filter((each) => each === 'swept').length, 1)
})

test('what is deleted in a sweep is part of it until it was read again', async () => {
  const readings = new Readings(2)
  readings.queue.sweep('/')
  readings.queue.deleted('/')
  await readings.end('/')
  assert.deepEqual(readings.log, ['read /', 'read /'])
  await readings.end('/')
  assert.deepEqual(readings.log, ['read /', 'read /', 'swept'])
})

test('a new sweep begins anew: what the last one still finds does not end it', async () => {
  const readings = new Readings(1)
  readings.queue.sweep('/')
  readings.queue.add('/waits')
  readings.queue.sweep('/')
  await readings.end('/', '/a')
  // Read for the new sweep; /a was found by the last one, and is read for itself.
  await readings.end('/')
  assert.deepEqual(readings.log, ['read /', 'read /', 'swept', 'read /a'])
})
