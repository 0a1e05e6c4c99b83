import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoadResult, LoadSpec } from '../load/load-spec.ts'
import type { MeasuredServer } from './measured-server.ts'
import { DATA_BYTES, type Scenario } from './scenarios.ts'

const GENERATOR = fileURLToPath(new URL('../load/main.js', import.meta.url))

/** Applies a load in a process of its own. Throws when the server does not answer as it should. */
export async function runLoad(
  server: Pick<MeasuredServer, 'port' | 'pid'>,
  scenario: Scenario,
  seconds: number,
  znodes: number,
): Promise<LoadResult> {
  const spec: LoadSpec = { ...scenario, port: server.port, pid: server.pid, seconds, znodes, dataBytes: DATA_BYTES }
  const child = spawn(process.execPath, [GENERATOR, JSON.stringify(spec)], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let complaints = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  const [code] = await once(child, 'close')
  process.removeListener('exit', kill)
  if (code !== 0) throw new Error(`${scenario.load}: ${complaints.trim()}`)
  const result = JSON.parse(output) as LoadResult
  if (result.errors > 0) throw new Error(`${scenario.load}: ${result.errors} wrong replies, first ${result.firstError}`)
  return result
}
