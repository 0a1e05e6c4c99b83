// Makes dist/assets of app/: what a browser loads, each file also compressed, with names that change with what is in them.
// What is there already and the same is left alone.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const app = join(here, 'app')
const output = join(here, 'dist/assets')
const modules = join(here, '../../node_modules')
/** Others' work that is in the bundle: their licences ask to be told of. */
const BUNDLED = ['preact', '@preact/signals', '@preact/signals-core', 'uplot', 'diff']

/** What the page asks of a browser at least: light-dark() of CSS. */
const BROWSERS = ['chrome123', 'firefox121', 'safari17.5']

const common = { absWorkingDir: app, outdir: output, bundle: true, minify: true, target: BROWSERS, write: false }
const [page, theme] = await Promise.all([
  build({
    ...common,
    entryPoints: { main: 'main.tsx', style: 'styles/index.css' },
    entryNames: 'assets/[name]-[hash]',
    chunkNames: 'assets/chunk-[hash]',
    splitting: true,
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    metafile: true,
  }),
  build({
    ...common,
    entryPoints: { theme: 'shell/early-theme.ts' },
    entryNames: 'assets/[name]-[hash]',
    format: 'iife',
  }),
])
const files = new Map(
  [...page.outputFiles, ...theme.outputFiles].map(({ path, contents }) => [
    relative(output, path).replaceAll('\\', '/'),
    Buffer.from(contents),
  ]),
)
files.set('index.html', Buffer.from(html([...files.keys()], page.metafile)))
files.set('icon.svg', readFileSync(join(app, 'icon.svg')))
files.set('licenses.txt', Buffer.from(licenses()))
mkdirSync(join(output, 'assets'), { recursive: true })
const kept = new Set()
for (const [name, bytes] of files) {
  for (const suffix of ['', '.br', '.gz']) kept.add(name + suffix)
  if (same(join(output, name), bytes)) continue
  put(`${name}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }))
  put(`${name}.gz`, gzipSync(bytes, { level: 9 }))
  put(name, bytes)
}
for (const entry of readdirSync(output, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name)
  if (entry.isFile() && !kept.has(relative(output, path).replaceAll('\\', '/'))) rmSync(path, { force: true })
}

/** The page, with the names that its parts have got. What the main script imports at once is fetched with it. */
function html(names, { outputs }) {
  const named = (part) => names.find((name) => name.startsWith(`assets/${part}-`))
  const main = Object.values(outputs).find(({ entryPoint }) => entryPoint === 'main.tsx')
  const preloads = main.imports
    .filter(({ kind }) => kind === 'import-statement')
    .map(({ path }) => `<link rel="modulepreload" href="assets/${basename(path)}">`)
  return readFileSync(join(app, 'index.html'), 'utf8')
    .replace('THEME', named('theme'))
    .replace('STYLE', named('style'))
    .replace('MAIN', named('main'))
    .replace('PRELOADS', preloads.join('\n    '))
}

function licenses() {
  return BUNDLED.map((name) => {
    const { version } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'))
    const file = readdirSync(join(modules, name)).find((entry) => /^licen[sc]e/i.test(entry))
    return `${name} ${version}\n\n${readFileSync(join(modules, name, file), 'utf8').trim()}\n`
  }).join(`\n${'-'.repeat(80)}\n\n`)
}

function same(path, bytes) {
  try {
    return readFileSync(path).equals(bytes)
  } catch {
    return false
  }
}

/** Whole or not at all: somebody may be serving it. */
function put(name, bytes) {
  const temporary = `${join(output, name)}.${process.pid}`
  writeFileSync(temporary, bytes)
  renameSync(temporary, join(output, name))
}
