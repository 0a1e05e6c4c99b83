// `npm run sim [-- options]`: runs the server in a simulated world (docs/internals/simulator.md).
import { build, run } from './build.mjs'

build()
run(process.execPath, ['--enable-source-maps', 'packages/sim/dist/run/main.js', ...process.argv.slice(2)])
