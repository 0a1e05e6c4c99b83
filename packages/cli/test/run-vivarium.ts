import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../bin/vivarium.js', import.meta.url))

/** A run of the command. */
export interface Run {
  readonly process: ChildProcess
  readonly ended: Promise<{ code: number | null; out: string; err: string }>
  /** Resolves with the match once standard output has one; rejects if the process ends without. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
}

/** Runs the command as users do. */
export function vivarium(...args: string[]): Run {
  const child = spawn(process.execPath, [BIN, ...args], { env: { ...process.env, JVMFLAGS: '', SERVER_JVMFLAGS: '' } })
  let out = ''
  let err = ''
  child.stdout.on('data', (data: Buffer) => {
    out += data
  })
  child.stderr.on('data', (data: Buffer) => {
    err += data
  })
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }))
  })
  const printed = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(out)
        if (match !== null) resolve(match)
      }
      look()
      child.stdout.on('data', look)
      child.on('close', () => reject(new Error(`${pattern} was not printed: ${out}${err}`)))
    })
  return { process: child, ended, printed }
}
