import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type StartOptions, startEnsemble, startServer } from '@vivarium/testing'
import { REPOSITORY } from '../install.ts'
import type { ServerKind } from '../server-process.ts'
import type { Checks } from './run-checks.ts'

const TESTS = join(REPOSITORY, 'packages', 'client', 'dist-test')
/** Tests of the client that talk to servers. */
const SUITES = ['live', 'recipes']
const PATIENCE_MS = 60_000

/** Runs the client's own tests, those of recipes included, at one server or at an ensemble. */
export async function runClientSuites(kind: ServerKind, size: number): Promise<Checks> {
  const extended = kind.systemInConfig ? 'extendedTypesEnabled' : 'zookeeper.extendedTypesEnabled'
  const options: StartOptions = { kind, separate: true, system: { [extended]: 'true' } }
  if (size > 1) {
    await using ensemble = await startEnsemble(size, options)
    return await run(ensemble.members.map(({ address }) => address).join(','))
  }
  await using server = await startServer(options)
  return await run(server.address)
}

async function run(servers: string): Promise<Checks> {
  const files = SUITES.flatMap((suite) =>
    readdirSync(join(TESTS, suite), { recursive: true, encoding: 'utf8' }).map((file) => join(TESTS, suite, file)),
  ).filter((file) => file.endsWith('.test.js'))
  const args = ['--test', '--test-reporter=tap', `--test-timeout=${PATIENCE_MS}`, ...files]
  const env: NodeJS.ProcessEnv = { ...process.env, VIVARIUM_TEST_SERVERS: servers }
  // What node:test tells a process of its own about, it does not print.
  delete env.NODE_TEST_CONTEXT
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  await once(child, 'close')
  const lines = output.split('\n')
  const passed = lines.filter((line) => line.startsWith('ok '))
  const failed = lines.flatMap((line, at) =>
    line.startsWith('not ok ') ? [`${line}\n${lines.slice(at + 1, at + 25).join('\n')}`] : [],
  )
  return { passed, failed: passed.length === 0 ? [...failed, 'no test has passed'] : failed }
}
