import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { createServerConfig, StartError } from '@vivarium/server'
import { startFailure } from '../dist/start-failure.js'

const systemError = (code: string): Error => Object.assign(new Error(`listen ${code}`), { code })
const notListening = (code: string): StartError =>
  new StartError('LISTEN', 'Cannot listen.', { cause: systemError(code) })

test('a port in use names who uses it, and how to choose another', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const config = createServerConfig({ dataDir: '/data', clientPort: port, clientPortAddress: '127.0.0.1' })
  const { message, exitCode, cause } = startFailure(notListening('EADDRINUSE'), config)
  server.close()
  const owner = process.platform === 'linux' ? `process ${process.pid} \\(.*\\)` : 'another process'
  assert.match(
    message,
    new RegExp(
      `^port ${port} of 127\\.0\\.0\\.1 is in use by ${owner}; stop it, or choose another port: .* clientPort=${port + 1}$`,
    ),
  )
  assert.deepEqual([exitCode, cause], [1, undefined])
})

test('another port than that of clients in the clear is named by its own key, or by none', () => {
  const failure = (port: number): string => {
    const cause = Object.assign(systemError('EADDRINUSE'), { port })
    const secure = createServerConfig({ dataDir: '/data', clientPort: 1, secureClientPort: 2, configFile: 'zoo.cfg' })
    return startFailure(new StartError('LISTEN', 'Cannot listen.', { cause }), secure).message
  }
  assert.match(failure(2), /^port 2 of this machine is in use by .*, or choose another secureClientPort in zoo\.cfg$/)
  assert.match(failure(3), /^port 3 of this machine is in use by .*, or choose another one in zoo\.cfg$/)
})

test('with a configuration file, that is where to choose', () => {
  const config = createServerConfig({ dataDir: '/data', clientPort: 80, configFile: '/etc/zoo.cfg' })
  const { message } = startFailure(notListening('EACCES'), config)
  assert.match(
    message,
    /^port 80 may only be listened on by a privileged process; choose another clientPort in \/etc\/zoo\.cfg$/,
  )
})

test('a data directory that may not be read is no matter of ports', () => {
  const config = createServerConfig({ dataDir: '/data', clientPort: 80 })
  const error = new StartError('DATA', 'The data directory cannot be read.', { cause: systemError('EACCES') })
  assert.deepEqual(startFailure(error, config), { message: error.message, exitCode: 3, cause: undefined })
})

const config = createServerConfig({ dataDir: '/data', clientPort: 2181 })

for (const [code, exitCode] of [
  ['CONFIG', 2],
  ['DATA', 3],
  ['LISTEN', 1],
  ['LOG', 10],
] as const) {
  test(`${code} ends with exit code ${exitCode}`, () => {
    assert.deepEqual(startFailure(new StartError(code, 'why'), config), { message: 'why', exitCode, cause: undefined })
  })
}

test('what nobody foresaw is kept, with its stack', () => {
  const error = new TypeError('x is not a function')
  assert.deepEqual(startFailure(error, config), { message: 'x is not a function', exitCode: 1, cause: error })
})
