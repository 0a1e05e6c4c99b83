// `node ../../scripts/slim.mjs begin|end`, before and after `npm pack` of a package: packs few modules without comments in place of
// one for each source file, since what a comment says is in the declarations beside them, and of those the ones that users can come
// to. Names stay, for stack traces.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { build } from 'esbuild'

const DIST = 'dist'
/** The build, for as long as `npm pack` looks at the other one. */
const WHOLE = 'dist-whole'

function restore() {
  if (!existsSync(WHOLE)) return
  rmSync(DIST, { recursive: true, force: true })
  renameSync(WHOLE, DIST)
}

async function slim() {
  const { exports, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  renameSync(DIST, WHOLE)
  await build({
    entryPoints: Object.values(exports).map((entry) => entry.default.replace(DIST, WHOLE)),
    outbase: WHOLE,
    outdir: DIST,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minifyWhitespace: true,
    minifySyntax: true,
    external: Object.keys(dependencies),
    logLevel: 'warning',
  })
  for (const file of declarationsFrom(Object.values(exports).map((entry) => entry.types.replace(DIST, WHOLE)))) {
    const target = file.replace(WHOLE, DIST)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, ''))
  }
}

/** These declarations, and all that they mention. */
function declarationsFrom(entries) {
  const found = new Set(entries.map((entry) => normalize(entry)))
  for (const file of found) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*['"](\.[^'"]+)\.[jt]s['"]/g)) {
      found.add(join(dirname(file), `${path}.d.ts`))
    }
  }
  return found
}

restore()
if (process.argv[2] === 'begin') await slim()
