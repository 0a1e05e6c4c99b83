// `npm test [-- name …]`: builds, then runs every compiled test whose path contains one of the names.
import { readdirSync } from 'node:fs'
import { build, run } from './build.mjs'

build()
const wanted = process.argv.slice(2)
const files = readdirSync('packages')
  .filter((name) => name !== 'interop')
  .flatMap((name) => {
    const folder = `packages/${name}/dist-test`
    return readdirSync(folder, { recursive: true })
      .map((file) => `${folder}/${file}`.replaceAll('\\', '/'))
      .filter((file) => file.endsWith('.test.js'))
  })
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
if (files.length === 0) {
  console.error(`No test matches ${wanted.join(', ')}.`)
  process.exit(1)
}
run(process.execPath, ['--enable-source-maps', '--test', ...files])
