// `npm run interop [-- name …]`: tests against real ZooKeeper servers and clients, which are installed into .cache/ (or
// VIVARIUM_INTEROP_CACHE) the first time. What cannot be installed fails, unless VIVARIUM_INTEROP_OPTIONAL=1.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { build } from './build.mjs'

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
const options = ['--enable-source-maps', '--test', '--test-concurrency=1', '--test-reporter=tap']
const tests = spawn(process.execPath, [...options, ...files], { stdio: ['ignore', 'pipe', 'inherit'] })
const totals = []
for await (const line of createInterface({ input: tests.stdout })) {
  console.log(line)
  const total = /^# (\w+: \d+ passed, \d+ failed)$/.exec(line)
  if (total) totals.push(total[1])
}
const [code] = tests.exitCode === null ? await once(tests, 'exit') : [tests.exitCode]
for (const total of totals) console.log(total)
process.exit(code ?? 1)
