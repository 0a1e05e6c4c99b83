import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createNodeLog, type NodeLogOptions } from '../../dist/node/log.js'

function recorder(options: NodeLogOptions = {}) {
  const lines: string[] = []
  const wallMs = (): number => Date.UTC(2026, 0, 31, 12)
  return { lines, log: createNodeLog({ wallMs, write: (line) => lines.push(line), ...options }) }
}

const AT = '2026-01-31T12:00:00.000Z'

test('a line for people has its level in a column of its own, and its fields behind the message', () => {
  const { log, lines } = recorder()
  log.info('listening', { port: 2181, host: '127.0.0.1', why: 'as told', session: 0x1an, none: undefined })
  log.with({ server: 1 }).warn('slow', { ms: 3 })
  assert.deepEqual(lines, [
    `${AT} INFO  listening port=2181 host=127.0.0.1 why="as told" session=0x1a`,
    `${AT} WARN  slow server=1 ms=3`,
  ])
})

test('what is less important than the level is left out', () => {
  const { log, lines } = recorder({ level: 'warn' })
  log.debug('a')
  log.info('b')
  log.warn('c')
  log.fatal('d')
  assert.deepEqual(lines, [`${AT} WARN  c`, `${AT} FATAL d`])
})

test('an error prints its stack below', () => {
  const { log, lines } = recorder()
  log.error('failed', { error: Object.assign(new Error('boom'), { stack: 'Error: boom\n    at here' }), path: '/a' })
  assert.deepEqual(lines, [`${AT} ERROR failed error="boom" path=/a\nError: boom\n    at here`])
})

test('nobody can forge a line or move the cursor', () => {
  const { log, lines } = recorder()
  log.info('a\nb\u001b[2J', { name: 'x\r\ny' })
  assert.deepEqual(lines, [`${AT} INFO  a\\nb\\u001b[2J name="x\\r\\ny"`])
})

test('colours are for terminals: they set the level and the names of fields apart', () => {
  const { log, lines } = recorder({ color: true })
  log.error('boom', { ms: 3 })
  assert.deepEqual(lines, [`\u001b[90m${AT}\u001b[39m \u001b[31mERROR\u001b[39m boom \u001b[90mms=\u001b[39m3`])
})

test('a line for machines is one object, whatever is in it', () => {
  const { log, lines } = recorder({ format: 'json', color: true })
  const circular: Record<string, unknown> = {}
  circular.self = circular
  log.with({ server: 1 }).info('a\nb', { session: -1n, bytes: new Uint8Array(3), set: new Set([1]) })
  log.info('c', { a: 1, circular, none: undefined })
  assert.deepEqual(JSON.parse(lines[0] ?? ''), {
    time: AT,
    level: 'info',
    message: 'a\nb',
    server: 1,
    session: '0xffffffffffffffff',
    bytes: '3 bytes',
    set: [1],
  })
  const { a, circular: shown, message } = JSON.parse(lines[1] ?? '') as Record<string, unknown>
  assert.deepEqual([message, a, shown, lines.length], ['c', 1, '(unprintable)', 2])
})
