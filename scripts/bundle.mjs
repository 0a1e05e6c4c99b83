// Puts what the command needs of our own packages into few files, packages/cli/bundle: Node.js takes longer to find and load
// some 370 modules than a server takes to begin. Other people's packages stay where npm puts them.
import { readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename } from 'node:path'
import { build } from 'esbuild'

const CLI = 'packages/cli'
const OUTPUT = `${CLI}/bundle`
/** What is bundled; other packages of ours are loaded when somebody asks for them. */
const OURS = ['cli', 'client', 'core', 'env', 'protocol', 'server']
/** Threads begin with files of their own, which are found beside the one that starts them. */
const THREADS = [
  'packages/server/dist/storage/snapshot-worker.js',
  'packages/server/dist/storage/znode-history/history-thread.js',
]
const { dependencies } = JSON.parse(readFileSync(`${CLI}/package.json`, 'utf8'))

rmSync(OUTPUT, { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: Object.fromEntries([`${CLI}/dist/main.js`, ...THREADS].map((path) => [basename(path, '.js'), path])),
  outdir: OUTPUT,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  metafile: true,
  logLevel: 'warning',
  plugins: [{ name: 'others stay outside', setup: (api) => api.onResolve({ filter: /^[^./]/ }, outside) }],
})

function outside({ path, kind }) {
  const [scope, name] = path.split('/')
  if (kind === 'entry-point' || (scope === '@vivarium' && OURS.includes(name))) return null
  const dependency = scope.startsWith('@') ? `${scope}/${name}` : scope
  if (!isBuiltin(path) && !(dependency in dependencies)) throw new Error(`${CLI} does not depend on ${dependency}`)
  return { path, external: true }
}

const files = Object.keys(metafile.outputs)
for (const file of files.filter((file) => file.endsWith('.js'))) {
  for (const [, thread] of readFileSync(file, 'utf8').matchAll(/new Worker\(\s*new URL\("\.\/([^"]+)"/g)) {
    if (!files.includes(`${OUTPUT}/${thread}`)) throw new Error(`${file} starts ${thread}, which is not in THREADS`)
  }
}
