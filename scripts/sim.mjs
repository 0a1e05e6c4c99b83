// `npm run sim [-- options]`: runs the server in a simulated world (docs/internals/simulator.md).
import { build, run } from './build.mjs'

build()
// Most objects of a run die young: with more room for them, cleared without other threads, which several jobs would only take from
// each other, a run takes a fifth less time.
const memory = ['--max-semi-space-size=32', '--single-threaded-gc']
run(process.execPath, ['--enable-source-maps', ...memory, 'packages/sim/dist/run/main.js', ...process.argv.slice(2)])
