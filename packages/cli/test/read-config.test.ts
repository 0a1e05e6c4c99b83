import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { formatConfigMessage, readConfig } from '../dist/read-config.js'

const directory = mkdtempSync(join(tmpdir(), 'vivarium-config-'))
after(() => rmSync(directory, { recursive: true }))

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}
const read = (...positional: string[]) => readConfig({ positional, definitions: [] })

test('a file is read', () => {
  const path = file('zoo.cfg', 'dataDir=/data\nclientPort=2182\n')
  const { config } = read(path)
  assert.equal(config?.clientPort, 2182)
  assert.equal(config?.configFile, path)
})

test('a file that is not there, or is none, is an error that names it', () => {
  const missing = join(directory, 'none.cfg')
  assert.deepEqual(read(missing).messages.map(formatConfigMessage), [`${missing}: there is no such file`])
  assert.deepEqual(read(directory).messages.map(formatConfigMessage), [`${directory}: this is a directory`])
  assert.equal(read(missing).config, null)
})

test('UTF-8 is read as such, ISO-8859-1 as Java reads it, and both are mentioned', () => {
  const utf8 = read(file('utf8.cfg', 'dataDir=/donn\u00e9es\nclientPort=1'))
  const latin1 = read(file('latin1.cfg', Buffer.from('dataDir=/donn\u00e9es\nclientPort=1', 'latin1')))
  assert.equal(utf8.config?.dataDir, '/donn\u00e9es')
  assert.equal(latin1.config?.dataDir, '/donn\u00e9es')
  for (const { messages } of [utf8, latin1]) assert.match(messages[0]?.text ?? '', /characters beyond ASCII/)
})

test('a dynamic file and myid are looked up', () => {
  const dynamic = file('zoo.cfg.dynamic', 'server.1=a:2888:3888;2183\n')
  file('myid', '1\n')
  const { config } = read(file('static.cfg', `dataDir=${directory}\ndynamicConfigFile=${dynamic}\n`))
  assert.equal(config?.clientPort, 2183)
})

test('two words are a port and a directory', () => {
  assert.equal(read('2184', '/data').config?.clientPort, 2184)
})

test('nothing at all is the configuration of a server to try things out', () => {
  const { config } = read()
  assert.equal(config?.clientPortAddress, '127.0.0.1')
  assert.match(config?.dataDir ?? '', /vivarium$/)
})
