import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type StartOptions, startEnsemble, startServer } from '@vivarium/testing'
import { REPOSITORY } from '../install.ts'
import type { ServerKind } from '../server-process.ts'
import type { Command } from './peers.ts'
import type { Checks } from './run-checks.ts'
import { NODE, type Runtime } from './runtimes.ts'

const TESTS = join(REPOSITORY, 'packages', 'client', 'dist-test')
/** Tests of the client that talk to servers. */
const SUITES = ['live', 'recipes']
/** Tests that start a server in their own process: ours runs in Node.js. */
const WITH_SERVER = ['persistent-ttl-node.test.js']
const PATIENCE_MS = 60_000

/** Runs the client's own tests, those of recipes included, at one server or at an ensemble. */
export async function runClientSuites(kind: ServerKind, size: number, runtime = NODE): Promise<Checks> {
  const command = runtime.prepare(PATIENCE_MS)
  const extended = kind.systemInConfig ? 'extendedTypesEnabled' : 'zookeeper.extendedTypesEnabled'
  // No member is cut off: it may be late on a busy machine.
  const config = { initLimit: '60', syncLimit: '60' }
  const options: StartOptions = { kind, separate: true, config, system: { [extended]: 'true' } }
  const at = (servers: string): Promise<Checks> => suites(runtime, command, servers)
  if (size > 1) {
    await using ensemble = await startEnsemble(size, options)
    return await at(ensemble.members.map(({ address }) => address).join(','))
  }
  await using server = await startServer(options)
  return await at(server.address)
}

async function suites(runtime: Runtime, { file, args }: Command, servers: string): Promise<Checks> {
  const files = SUITES.flatMap((suite) =>
    readdirSync(join(TESTS, suite), { recursive: true, encoding: 'utf8' }).map((name) => join(TESTS, suite, name)),
  )
    .filter((name) => name.endsWith('.test.js'))
    .filter((name) => runtime === NODE || !WITH_SERVER.includes(basename(name)))
  const env: NodeJS.ProcessEnv = { ...process.env, VIVARIUM_TEST_SERVERS: servers, NO_COLOR: '1' }
  // What node:test tells a process of its own about, it does not print.
  delete env.NODE_TEST_CONTEXT
  const child = spawn(file, [...args, ...files], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const [code] = await once(child, 'close')
  const lines = output.split('\n')
  const passed = lines.filter((line) => line.startsWith(runtime.passed))
  const failed = lines.flatMap((line, at) =>
    line.startsWith(runtime.failed) ? [`${line}\n${lines.slice(Math.max(0, at - 5), at + 25).join('\n')}`] : [],
  )
  if (failed.length === 0 && (code !== 0 || passed.length === 0)) {
    failed.push(`${runtime.name} ended with ${code}, ${passed.length} tests passed:\n${output.slice(-1500)}`)
  }
  return { passed, failed }
}
