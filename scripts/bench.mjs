// `npm run bench [-- options]`: measures the server beside Apache ZooKeeper (bench/README.md).
import { build, run } from './build.mjs'

build()
run(process.execPath, ['packages/bench/dist/compare/main.js', ...process.argv.slice(2)])
