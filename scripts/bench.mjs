// `npm run bench [-- options]`: measures the server beside Apache ZooKeeper; `npm run bench -- client`: the client
// beside others (bench/README.md).
import { build, run } from './build.mjs'

build()
const [part, ...options] = process.argv.slice(2)
if (part === 'client') run(process.execPath, ['packages/bench/dist/clients/main.js', ...options])
else run(process.execPath, ['packages/bench/dist/compare/main.js', ...process.argv.slice(2)])
