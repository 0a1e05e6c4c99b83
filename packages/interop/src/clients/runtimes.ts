import { join } from 'node:path'
import { cached, run } from '../install.ts'
import type { Command } from './peers.ts'

/** A runtime of JavaScript, and how it runs tests of `node:test`. */
export interface Runtime {
  readonly name: string
  /** Lines of its output that begin like this tell of a test that has passed, or failed. */
  readonly passed: string
  readonly failed: string
  /** Installs it where that is needed; the files of tests come behind the arguments. Throws `PeerUnavailable`. */
  prepare(patienceMs: number): Command
}

const PACKAGES = ['bun@1.4.5', 'deno@2.9.6']

/** A runtime that npm brings as a package. */
function installed(name: 'bun' | 'deno'): string {
  const folder = cached('runtimes', PACKAGES, (made) => {
    run('npm', ['install', '--prefix', made, '--no-audit', '--no-fund', ...PACKAGES])
  })
  return join(folder, 'node_modules', '.bin', name)
}

export const NODE: Runtime = {
  name: 'node',
  passed: 'ok ',
  failed: 'not ok ',
  prepare: (patienceMs) => ({
    file: process.execPath,
    args: ['--test', '--test-reporter=tap', `--test-timeout=${patienceMs}`],
  }),
}

const bun: Runtime = {
  name: 'bun',
  passed: '(pass) ',
  failed: '(fail) ',
  prepare: (patienceMs) => ({ file: installed('bun'), args: ['test', `--timeout=${patienceMs}`] }),
}

/** Deno checks types no more than Node.js does: they are checked when the tests are compiled. */
const deno: Runtime = {
  name: 'deno',
  passed: 'ok ',
  failed: 'not ok ',
  prepare: () => ({ file: installed('deno'), args: ['test', '--allow-all', '--no-check', '--reporter=tap'] }),
}

/** Those beside Node.js in which the client is to run. */
export const RUNTIMES: readonly Runtime[] = [bun, deno]
