import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { splitWords } from '../../dist/shell/words.js'
import { vivarium } from '../run-vivarium.ts'
import { TestServer } from './support.ts'

// CVE-2016-5017: Apache's shells in C copy a command into a buffer of 1024 bytes, whatever its length.

let server: TestServer
before(async () => {
  server = await TestServer.start()
})
after(() => server.close())

test('CVE-2016-5017: a command is taken whole, however long it is', async () => {
  const { run } = await server.shell('--quiet')
  for (const length of [1023, 1024, 1025, 65_536, 500_000]) {
    const data = `${'d'.repeat(length - 1)}!`
    assert.equal(await run(`create /long "${data}"`), 'Created /long\n')
    assert.ok((await run('get /long')) === `${data}\n`, `${length}`)
    assert.equal(await run('delete /long'), '')
  }
  const path = `/${'n'.repeat(30_000)}`
  assert.equal((await server.once('create', path)).code, 0)
  assert.ok((await run('ls /')) === `[${path.slice(1)}, zookeeper]\n`)
  assert.equal(await run(`delete ${path}`), '')
})

test('CVE-2016-5017: what is too long is refused, and the shell goes on', async () => {
  const { run, shell } = await server.shell('--quiet')
  await run(`create /beyond ${'d'.repeat(2_000_000)}`)
  assert.notEqual(shell.exitCode, 0)
  await run('x'.repeat(2_000_000))
  assert.notEqual(shell.exitCode, 0)
  await run(Array.from({ length: 200_000 }, (_, word) => `word${word}`).join(' '))
  assert.notEqual(shell.exitCode, 0)
  assert.equal(await run('stat /beyond'), 'Node does not exist: /beyond\n')
})

test('CVE-2016-5017: nor does a program end that is sent such lines', { timeout: 60_000 }, async (t) => {
  const shell = vivarium('-server', server.address, '--quiet')
  t.after(() => shell.process.kill())
  // Lines that take a square of their length to look at would take hours.
  const lines = [
    'x'.repeat(3_000_000),
    `${' '.repeat(1_000_000)}"`,
    `"${"'".repeat(999_999)}`,
    'get /zookeeper',
    'ls /',
  ]
  shell.process.stdin?.end(`${lines.join('\n')}\n`)
  const { code, out } = await shell.ended
  assert.equal(code, 0)
  assert.match(out, /\[zookeeper\]\n$/)
})

test('words are parts of a line, in their order, and nothing that is not blank or quoted is lost', () => {
  const part = fc.oneof(fc.constantFrom('"', "'", ' ', '\t', '\n', '/a', 'create'), fc.string())
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const line = parts.join('')
      let at = 0
      for (const word of splitWords(line)) {
        const found = line.indexOf(word, at)
        assert.ok(found >= 0, `${JSON.stringify(word)} is not in ${JSON.stringify(line)}`)
        at = found + word.length
      }
      if (!/["']/.test(line)) assert.deepEqual(splitWords(line), line.match(/\S+/g) ?? [])
    }),
  )
})
