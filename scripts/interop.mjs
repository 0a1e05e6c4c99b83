// `npm run interop [-- name …]`: tests against real ZooKeeper servers and clients, which are installed into .cache/ (or
// VIVARIUM_INTEROP_CACHE) the first time. What cannot be installed fails, unless VIVARIUM_INTEROP_OPTIONAL=1.
import { readdirSync } from 'node:fs'
import { build, run } from './build.mjs'

build()
const wanted = process.argv.slice(2)
const folder = 'packages/interop/dist-test'
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .map((file) => `${folder}/${file}`)
if (files.length === 0) {
  console.error(`No test matches ${wanted.join(', ')}.`)
  process.exit(1)
}
// One file at a time: most of them keep two servers and a client busy, and some look at how long things take.
run(process.execPath, ['--enable-source-maps', '--test', '--test-concurrency=1', '--test-reporter=spec', ...files])
