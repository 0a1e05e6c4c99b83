import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { FOUR_LETTER_WORDS, type FourLetterWord, fourLetterCode, TELNET_CLOSE } from '@vivarium/protocol'
import { NOT_SERVING } from '../../dist/admin/command.js'
import { findCommand, runCommand } from '../../dist/admin/four-letter-words.js'
import { FULL_VERSION } from '../../dist/admin/version.js'
import type { AdminView } from '../../dist/admin/view.js'
import { Whitelist } from '../../dist/admin/whitelist.js'
import { exampleView } from './example-view.js'

async function answer(word: FourLetterWord, view: AdminView, argument = new Uint8Array()): Promise<string> {
  const command = findCommand(fourLetterCode(word))
  assert.ok(command)
  let text = ''
  for await (const chunk of runCommand(command, view, argument)) text += chunk
  return text
}

/** What Apache ZooKeeper 3.9.5 answered, with our version in place of its own. */
const recorded = (word: FourLetterWord): string =>
  readFileSync(new URL(`../../test/admin/fixtures/${word}.txt`, import.meta.url), 'utf8').replace(
    /3\.9\.5-[0-9a-f]{40}, built on 2026-02-11 20:18 UTC/,
    FULL_VERSION,
  )

for (const word of ['cons', 'dump', 'srvr', 'wchs', 'wchc', 'wchp', 'hash'] as const) {
  test(`${word} is, byte for byte, what Java's server answers in the same state`, async () => {
    assert.equal(await answer(word, exampleView()), recorded(word))
  })
}

test("conf is Java's, but for the sizes of the directories", async () => {
  const withoutSizes = (text: string): string => text.replace(/Size=\d+/g, 'Size=')
  assert.equal(withoutSizes(await answer('conf', exampleView())), withoutSizes(recorded('conf')))
})

test("stat is Java's, line by line, with its clients in our order", async () => {
  const view = exampleView()
  view.stats.packetsReceived = 320
  view.stats.packetsSent = 321
  const lines = (text: string): string[] =>
    text.replace(/127\.0\.0\.1:569\d\d|127\.0\.0\.1:56860/, 'asking').split('\n')
  assert.deepEqual(lines(await answer('stat', view)).toSorted(), lines(recorded('stat')).toSorted())
  assert.match(await answer('stat', view), /^Zookeeper version: .*\nClients:\n( \/.*\n){3}\nLatency min/)
})

test('dirs gives the bytes of both directories', async () => {
  assert.equal(await answer('dirs', exampleView()), 'datadir_size: 0\nlogdir_size: 0\n')
})

test("envi has Java's keys in Java's order", async () => {
  const keys = (text: string): string[] => text.split('\n').map((line) => line.replace(/=.*/, ''))
  assert.deepEqual(keys(await answer('envi', exampleView())), keys(recorded('envi')))
})

test('crst lets each connection start again, but for when it came', async () => {
  const view = exampleView()
  assert.equal(await answer('crst', view), 'Connection stats reset.\n')
  assert.match(
    await answer('cons', view),
    /\(queued=1,recved=0,sent=0,sid=0x100002dac270000,lop=NA,est=1795258389799,to=30000,lzxid=0xffffffffffffffff,lresp=0,llat=0,minlat=0,avglat=0,maxlat=0\)\n/,
  )
})

test('srst lets the counts and metrics of the server start again', async () => {
  const view = exampleView()
  view.metrics.response_bytes.add(5)
  assert.equal(await answer('srst', view), 'Server stats reset.\n')
  assert.match(await answer('srvr', view), /\nLatency min\/avg\/max: 0\/0\.0\/0\nReceived: 0\nSent: 0\n/)
  assert.equal(view.metrics.response_bytes.value, 0)
})

test('stmk sets what gtmk tells, and neither ends with a newline', async () => {
  const view = exampleView()
  assert.equal(await answer('gtmk', view), '306')
  assert.equal(await answer('stmk', view, Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 2)), String(-(2n ** 63n) + 2n))
  assert.equal(await answer('gtmk', view), String(-(2n ** 63n) + 2n))
  assert.equal(findCommand(fourLetterCode('stmk'))?.argumentBytes, 8)
})

test('ruok and isro answer without a newline, serving or not', async () => {
  const view = exampleView()
  const starting = exampleView({ serving: false })
  assert.deepEqual([await answer('ruok', view), await answer('ruok', starting)], ['imok', 'imok'])
  assert.deepEqual([await answer('isro', view), await answer('isro', starting)], ['rw', 'null'])
  assert.equal(await answer('isro', exampleView({ mode: 'read-only' })), 'ro')
})

test('srvr of a read-only server says so', async () => {
  assert.match(
    await answer('srvr', exampleView({ mode: 'read-only' })),
    /^Zookeeper version: .*\nREAD-ONLY mode; serving only read-only clients\nLatency(.*\n)+Mode: read-only\n/,
  )
})

const ALWAYS: readonly FourLetterWord[] = ['ruok', 'envi', 'gtmk', 'stmk', 'isro']

test('a server that does not serve says so, but to five words', async () => {
  for (const word of FOUR_LETTER_WORDS.filter((one) => !ALWAYS.includes(one))) {
    const text = await answer(word, exampleView({ serving: false }))
    assert.equal(text, word === 'hash' ? NOT_SERVING : `${NOT_SERVING}\n`, word)
  }
})

test('every word that is not enabled is turned down by name', async () => {
  const view = exampleView({ whitelist: new Whitelist(['ruok', 'mntr'], false) })
  for (const word of FOUR_LETTER_WORDS) {
    const text = await answer(word, view, new Uint8Array(8))
    const refused = `${word} is not executed because it is not in the whitelist.\n`
    assert.equal(text === refused, !['ruok', 'mntr', 'srvr'].includes(word), word)
  }
})

test('isro is enabled by itself where there is a read-only mode', () => {
  assert.ok(new Whitelist([], true).allows('isro'))
  assert.ok(!new Whitelist([], false).allows('isro'))
})

test('the close of telnet is a word: it is turned down, or ends the connection without an answer', async () => {
  const command = findCommand(TELNET_CLOSE)
  assert.ok(command)
  assert.equal(findCommand(0xfff4fffd), command)
  const nobody = exampleView({ whitelist: new Whitelist([], false) })
  assert.deepEqual(runCommand(command, nobody, new Uint8Array()), [
    'telnet close is not executed because it is not in the whitelist.\n',
  ])
  assert.deepEqual(runCommand(command, exampleView(), new Uint8Array()), [])
})

test('other four bytes are no word', () => {
  for (const code of [0, 45, -1, 0x73727673]) assert.equal(findCommand(code), undefined)
})

test('the version is one that clients can take apart', () => {
  assert.match(FULL_VERSION, /^(\d+)\.(\d+)\.(\d+)-[^,]+, built on \d{4}-\d\d-\d\d \d\d:\d\d UTC$/)
})
