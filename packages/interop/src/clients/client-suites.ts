import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type StartOptions, startEnsemble, startServer } from '@vivarium/testing'
import { REPOSITORY } from '../install.ts'
import { extendedTypes, type ServerKind } from '../server-process.ts'
import type { Checks } from './run-checks.ts'
import { NODE, type Runtime } from './runtimes.ts'

const TESTS = join(REPOSITORY, 'packages', 'client', 'dist-test')
/** Tests of the client that talk to servers. */
const SUITES = ['live', 'recipes']
/** Tests that start a server in their own process: ours runs in Node.js. */
const WITH_SERVER = ['persistent-ttl-node.test.js']
const PATIENCE_MS = 60_000

/** A test that has failed. */
export interface TestFailure {
  readonly name: string
  /** Its file, if the runtime says so. */
  readonly location: string
  readonly text: string
}

export interface Outcome {
  readonly passed: readonly string[]
  readonly failures: readonly TestFailure[]
}

export interface TestRun {
  readonly suites: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly runtime?: Runtime
  /** Only these tests, which have failed before. For Node.js. */
  readonly again?: readonly TestFailure[] | null
}

/** Runs the client's own tests, those of recipes included, at one server or at an ensemble. */
export async function runClientSuites(kind: ServerKind, size: number, runtime = NODE): Promise<Checks> {
  const checks: Checks = { passed: [], failed: [] }
  runtime.prepare(PATIENCE_MS) // Installed before servers are started.
  await atServers(kind, size, async (servers) => {
    const env = { VIVARIUM_TEST_SERVERS: servers }
    const { passed, failures } = await runTests({ suites: SUITES, env, runtime })
    checks.passed.push(...passed)
    checks.failed.push(...failures.map(({ text }) => text))
  })
  return checks
}

/** Starts servers for the client's tests; `work` is told where they are. */
export async function atServers(
  kind: ServerKind,
  size: number,
  work: (servers: string) => Promise<void>,
): Promise<void> {
  // No member is cut off: it may be late on a busy machine.
  const config = { initLimit: '60', syncLimit: '60' }
  const options: StartOptions = { kind, separate: true, config, system: extendedTypes(kind) }
  if (size > 1) {
    await using ensemble = await startEnsemble(size, options)
    return await work(ensemble.members.map(({ address }) => address).join(','))
  }
  await using server = await startServer(options)
  await work(server.address)
}

/** Runs tests of the client in a process of their own. */
export async function runTests({ suites, env: more, runtime = NODE, again = null }: TestRun): Promise<Outcome> {
  const { file, args } = runtime.prepare(PATIENCE_MS)
  const files = suites
    .flatMap((suite) =>
      readdirSync(join(TESTS, suite), { recursive: true, encoding: 'utf8' }).map((name) => join(TESTS, suite, name)),
    )
    .filter((name) => name.endsWith('.test.js'))
    .filter((name) => runtime === NODE || !WITH_SERVER.includes(basename(name)))
    .filter((name) => again === null || again.some(({ location }) => location.includes(name)))
  const env: NodeJS.ProcessEnv = { ...process.env, ...more, NO_COLOR: '1' }
  // What node:test tells a process of its own about, it does not print.
  delete env.NODE_TEST_CONTEXT
  const pattern = again === null ? [] : [`--test-name-pattern=${namesOf(again)}`]
  const child = spawn(file, [...args, ...pattern, ...files], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const [code] = await once(child, 'close')
  const lines = output.split('\n')
  const passed = lines.filter((line) => line.startsWith(runtime.passed) && !line.includes(' # SKIP'))
  const failures = lines.flatMap((line, at) => (line.startsWith(runtime.failed) ? [failureAt(lines, at)] : []))
  if (failures.length === 0 && (code !== 0 || passed.length === 0)) {
    const text = `${runtime.name} ended with ${code}, ${passed.length} tests passed:\n${output.slice(-1500)}`
    failures.push({ name: runtime.name, location: '', text })
  }
  return { passed, failures }
}

function namesOf(tests: readonly TestFailure[]): string {
  return `^(?:${tests.map(({ name }) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|')})$`
}

/** What is said of the test whose line is at a place of the output: in TAP, up to the end of its block. */
function failureAt(lines: readonly string[], at: number): TestFailure {
  const end = lines.findIndex((line, index) => index > at && line === '  ...')
  const block = lines.slice(at, Math.min(end === -1 ? at + 25 : end, at + 60))
  const [line = ''] = block
  return {
    name: line.replace(/^not ok \d+ - /, ''),
    location: block.find((each) => each.startsWith('  location:')) ?? '',
    text: [...lines.slice(Math.max(0, at - 5), at), ...block].join('\n'),
  }
}
