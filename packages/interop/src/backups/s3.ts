import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { eventually } from '@vivarium/testing'
import { cached, run } from '../install.ts'
import { freePort } from '../server-process.ts'

const S3RVER = 's3rver@3.7.1'
const BUCKET = 'backups'

/** Storage with the interface of S3 on this machine, which checks signatures. */
export class S3Server {
  readonly target = `s3://${BUCKET}/zk/main`
  readonly environment: Readonly<Record<string, string>>
  readonly #child: ChildProcess
  readonly #directory: string

  private constructor(child: ChildProcess, port: number, directory: string) {
    this.#child = child
    this.#directory = directory
    this.environment = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'S3RVER',
      AWS_SECRET_ACCESS_KEY: 'S3RVER',
    }
  }

  static async start(directory: string): Promise<S3Server> {
    const folder = cached('s3rver', [S3RVER], (made) => {
      run('npm', ['install', '--prefix', made, '--no-audit', '--no-fund', '--ignore-scripts', S3RVER])
    })
    const port = await freePort()
    const data = join(directory, 's3')
    mkdirSync(data, { recursive: true })
    const args = ['-d', data, '-a', '127.0.0.1', '-p', String(port), '--configure-bucket', BUCKET, '--silent']
    const bin = join(folder, 'node_modules', 's3rver', 'bin', 's3rver.js')
    const child = spawn(process.execPath, [bin, ...args], { stdio: 'ignore' })
    await eventually('the storage listens', () => listens(port))
    return new S3Server(child, port, data)
  }

  stop(): void {
    this.#child.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

function listens(port: number): Promise<true | null> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(null))
  })
}
