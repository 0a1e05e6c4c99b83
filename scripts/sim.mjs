// `npm run sim [-- options]`: runs the server in a simulated world (docs/internals/simulator.md).
import { build, run } from './build.mjs'

build()
// Most objects of a run die young: with more room for them, cleared without other threads, which several jobs would only take from
// each other, a run takes a fifth less time; and as much less if functions are prepared for optimization when they are first called,
// of which each run calls very many a few times.
const flags = ['--max-semi-space-size=32', '--single-threaded-gc', '--no-lazy-feedback-allocation']
run(process.execPath, ['--enable-source-maps', ...flags, 'packages/sim/dist/run/main.js', ...process.argv.slice(2)])
