import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cached, run } from '../install.ts'
import { SEED } from '../suite.ts'

const SCHEMATHESIS = 'schemathesis==4.32.5'

/**
 * Answers are judged by all there is, but for one thing: what the description allows may be refused. It cannot say that two
 * parameters exclude each other (`after`, `at`), what goes with which mode of creation (`ttlMs`) or with base 64, which access
 * control lists mean somebody, that the root stays, nor which versions znodes have. And it does not say which characters paths
 * may have: by a pattern that does, schemathesis takes minutes to make up long ones.
 */
const CHECKS = ['--checks', 'all', '--exclude-checks', 'positive_data_acceptance']
/**
 * A stream of events has no end. And the wrong addresses of one, of a hundred paths, are longer than the head of a request may be,
 * which HTTP says no (431) to before anybody looks into them.
 */
const LEFT_OUT = ['--exclude-operation-id', 'watch']

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
  const args = ['run', `http://127.0.0.1:${port}/api/openapi.json`, ...CHECKS, ...LEFT_OUT]
  args.push('--max-examples', String(examples), '--seed', String(SEED))
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
