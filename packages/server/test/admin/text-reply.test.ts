import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Chunks, TextReply } from '../../dist/admin/text-reply.js'

/** A peer that takes parts while it has room, and a loop whose turns are run by hand. */
function peer(chunks: Chunks, room: () => boolean = () => true) {
  const parts: string[] = []
  const turns: (() => void)[] = []
  let ended = 0
  const sink = {
    write(bytes: Uint8Array): boolean {
      parts.push(new TextDecoder().decode(bytes))
      return room()
    },
    end(): void {
      ended++
    },
  }
  const reply = new TextReply(chunks, sink, (run) => turns.push(run))
  return { parts, turns, reply, ended: () => ended }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a short text goes out whole, and then the end', async () => {
  const { parts, reply, ended } = peer(['a\n', 'é\n'])
  reply.drained()
  await settled()
  assert.deepEqual(parts, ['a\né\n'])
  assert.equal(ended(), 1)
})

test('nothing at all is ended, too', async () => {
  const { parts, reply, ended } = peer([])
  reply.drained()
  await settled()
  assert.deepEqual([parts, ended()], [[], 1])
})

function* manyLines(count: number, produced: { lines: number }): Iterable<string> {
  for (produced.lines = 0; produced.lines < count; produced.lines++) yield `${'x'.repeat(99)}\n`
}

test('a long text takes a turn for each part, and is produced no faster', async () => {
  const produced = { lines: 0 }
  const { parts, turns, reply, ended } = peer(manyLines(1000, produced))
  reply.drained()
  await settled()
  assert.equal(parts.length, 1)
  assert.ok(produced.lines < 200)
  while (turns.length > 0) {
    turns.shift()?.()
    await settled()
  }
  assert.equal(parts.join('').length, 100_000)
  assert.equal(ended(), 1)
})

test('a peer without room is waited for', async () => {
  let room = false
  const produced = { lines: 0 }
  const { parts, turns, reply, ended } = peer(manyLines(1000, produced), () => room)
  reply.drained()
  await settled()
  assert.deepEqual([parts.length, turns.length, ended()], [1, 0, 0])
  room = true
  reply.drained()
  await settled()
  assert.deepEqual([parts.length, turns.length], [2, 1])
})

test('a peer that has gone is sent nothing more', async () => {
  const { parts, turns, reply, ended } = peer(manyLines(1000, { lines: 0 }))
  reply.drained()
  await settled()
  reply.cancel()
  turns.shift()?.()
  await settled()
  assert.deepEqual([parts.length, ended()], [1, 0])
})

test('a text that cannot be made to its end is ended there', async () => {
  async function* failing(): AsyncIterable<string> {
    yield 'a'
    throw new Error('the disk is gone')
  }
  const { reply, ended } = peer(failing())
  reply.drained()
  await settled()
  assert.equal(ended(), 1)
})
