// `node ../../scripts/slim.mjs begin|end`, before and after `npm pack` of a package: packs few modules without comments in place of
// one for each source file, since what a comment says is in the declarations beside them. Names stay, for stack traces.
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
  cpSync(WHOLE, DIST, { recursive: true, filter: (path) => !/\.(js|map|tsbuildinfo)$/.test(path) })
  for (const file of readdirSync(DIST, { recursive: true, encoding: 'utf8' })) {
    const path = join(DIST, file)
    if (file.endsWith('.d.ts')) {
      const declarations = readFileSync(path, 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, '')
      writeFileSync(path, declarations)
    }
  }
}

restore()
if (process.argv[2] === 'begin') await slim()
