import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { REPOSITORY } from '../install.ts'

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs `vivarium`. */
export async function vivarium(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const bin = join(REPOSITORY, 'packages', 'cli', 'bin', 'vivarium.js')
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, ...environment } })
  let [out, err] = ['', '']
  child.stdout.on('data', (data: Buffer) => {
    out += data
  })
  child.stderr.on('data', (data: Buffer) => {
    err += data
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, err }
}
