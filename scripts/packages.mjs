// `npm run packages`: looks at the client as it would be published, with the packages that it needs: what is in them, that they
// need nothing else, that they are small, that their types are found, and that they load.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { build } from './build.mjs'

const PACKAGES = ['client', 'env', 'protocol']
/** Of all packed, and of the client alone, unpacked. */
const MOST_BYTES = 300_000
/** Nothing that is not ours. */
const OURS = /^@vivarium\//

build()
const problems = []
const folder = mkdtempSync(join(tmpdir(), 'vivarium-packages-'))
try {
  const tarballs = []
  let bytes = 0
  for (const name of PACKAGES) {
    const manifest = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'))
    const others = Object.keys(manifest.dependencies ?? {}).filter((dependency) => !OURS.test(dependency))
    if (others.length > 0) problems.push(`${manifest.name} depends on ${others}`)
    const [{ filename, unpackedSize }] = JSON.parse(
      output('npm', ['pack', '--json', '--pack-destination', folder], `packages/${name}`),
    )
    const tarball = join(folder, filename)
    tarballs.push(tarball)
    bytes += statSync(tarball).size
    if (name === 'client') {
      console.log(`${name}: ${unpackedSize} bytes unpacked`)
      if (unpackedSize > MOST_BYTES) problems.push(`${name} is ${unpackedSize} bytes, more than ${MOST_BYTES}`)
    }
    const { messages, pkg } = await publint({ pkgDir: `packages/${name}`, strict: true })
    problems.push(...messages.map((message) => `${manifest.name}: ${formatMessage(message, pkg)}`))
    typesAreFound(manifest.name, tarball)
  }
  if (bytes > MOST_BYTES) problems.push(`together they are ${bytes} bytes, more than ${MOST_BYTES}`)
  console.log(`${PACKAGES.join(', ')}: ${bytes} bytes`)
  loads(tarballs)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0

function output(command, args, cwd = '.') {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

/** They are ESM, which Node.js ≥ 20.19 also gives to `require`. */
function typesAreFound(name, tarball) {
  const attw = resolve('node_modules/@arethetypeswrong/cli/dist/index.js')
  try {
    output(process.execPath, [attw, tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji'])
  } catch (error) {
    problems.push(`${name}: ${error.stdout}`)
  }
}

/** Installs them, and nothing else, and loads what they export. */
function loads(tarballs) {
  const project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{"private":true}')
  output('npm', ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs], project)
  for (const entry of ['@vivarium/client', '@vivarium/client/recipes', '@vivarium/client/tracing']) {
    for (const load of [`import('${entry}').then`, `((f) => f(require('${entry}')))`]) {
      const script = `${load}((all) => { if (Object.keys(all).length === 0) process.exit(1) })`
      try {
        output(process.execPath, ['-e', script], project)
      } catch {
        problems.push(`${entry} does not load: ${script}`)
      }
    }
  }
}
