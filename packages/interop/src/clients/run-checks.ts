import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { SUPER_DIGEST } from '../differential/vocabulary.ts'
import { type ServerKind, ServerProcess } from '../server-process.ts'
import { DropProxy } from './drop-proxy.ts'
import type { Command } from './peers.ts'

/** What a client's program said of itself. */
export interface Checks {
  passed: string[]
  /** Each with why. */
  failed: string[]
}

/** Sessions may be as short as a second here, and what is to be swept away goes quickly. */
export const CLIENT_TEST_OPTIONS = {
  config: {
    tickTime: '500',
    forceSync: 'no',
    extendedTypesEnabled: 'true',
    enforceQuota: 'true',
    'DigestAuthenticationProvider.superDigest': SUPER_DIGEST,
  },
  system: { 'znode.container.checkIntervalMs': '300' },
}

const LIMIT_MS = 300_000

/** Starts a server with a proxy before it and runs a client's program against them. */
export async function runChecks(command: Command, kind: ServerKind): Promise<Checks> {
  const server = await ServerProcess.start(kind, CLIENT_TEST_OPTIONS)
  const proxy = await DropProxy.start(server.port)
  try {
    const addresses = [`127.0.0.1:${server.port}`, `127.0.0.1:${proxy.port}`, String(proxy.controlPort)]
    const { output, ended } = await runProgram(command, addresses, '')
    const checks: Checks = { passed: [], failed: [] }
    for (const line of output.split('\n')) {
      if (line.startsWith('ok ')) checks.passed.push(line.slice(3))
      if (line.startsWith('FAIL ')) checks.failed.push(line.slice(5))
    }
    const broken = ended !== '0' && checks.failed.length === 0
    if (broken || checks.passed.length === 0)
      checks.failed.push(`the program ended with ${ended}: ${output.slice(-1500)}`)
    if (server.ended !== null) checks.failed.push(`the server ended (${server.ended}): ${server.logTail()}`)
    return checks
  } finally {
    proxy.close()
    await server.dispose()
  }
}

/** Runs a program to its end and returns all it printed. */
export async function runProgram(
  command: Command,
  more: readonly string[],
  input: string,
): Promise<{ output: string; ended: string }> {
  const child = spawn(command.file, [...command.args, ...more], { env: command.env ?? process.env, timeout: LIMIT_MS })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [code, signal] = await once(child, 'close')
  return { output, ended: String(signal ?? code) }
}
