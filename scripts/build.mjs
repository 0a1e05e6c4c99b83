// Installs what package-lock.json names, unless that is done already, and compiles every package.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)

export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

// npm leaves a copy of the lock file behind each install: when it is older than ours, something has changed.
function installed() {
  const marker = 'node_modules/.package-lock.json'
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync('package-lock.json').mtimeMs
}

export function build() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const wanted = JSON.parse(readFileSync('package.json', 'utf8')).engines.node
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Vivarium needs Node.js ${wanted}; this is ${process.version}.`)
    process.exit(1)
  }
  if (!installed()) run('npm', ['ci', '--no-audit', '--no-fund'])
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-b'])
  run(process.execPath, ['scripts/bundle.mjs'])
  run(process.execPath, ['packages/console/bundle.mjs'])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build()
