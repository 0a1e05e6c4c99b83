import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cached, run } from '../install.ts'
import { SEED } from '../suite.ts'

const SCHEMATHESIS = 'schemathesis==4.32.5'

/** What its answers are judged by. What it takes for valid may be refused: schemas do not know which znodes there are. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
  'allow_header_conformance',
]

export interface Exercise {
  readonly ok: boolean
  /** How many requests were made. */
  readonly cases: number
  /** What it said at its end. */
  readonly said: string
}

/**
 * Has a gateway's own description tried on it, with valid requests and others.
 *
 * @throws {PeerUnavailable} where schemathesis cannot be installed
 */
export async function exercise(port: number, examples: number): Promise<Exercise> {
  const folder = cached('schemathesis', [SCHEMATHESIS], (made) => {
    run('python3', ['-m', 'venv', made])
    run(join(made, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', SCHEMATHESIS])
  })
  const args = ['run', `http://127.0.0.1:${port}/api/openapi.json`, '--checks', CHECKS.join(',')]
  // A stream has no end.
  args.push('--exclude-operation-id', 'watch', '--max-examples', String(examples), '--seed', String(SEED))
  args.push('--request-timeout', '60', '--continue-on-failure', '--no-color')
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-schemathesis-'))
  try {
    const child = spawn(join(folder, 'bin', 'schemathesis'), args, {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += chunk
      })
    }
    const [code] = await once(child, 'close')
    return { ok: code === 0, cases: Number(/(\d+) generated/.exec(said)?.[1] ?? 0), said: said.slice(-6000) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
