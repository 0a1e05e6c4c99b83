// `npm start`: from a bare clone to a server at port 2181.
import { spawn } from 'node:child_process'
import { build } from './build.mjs'

build()
const server = spawn(process.execPath, ['packages/cli/bin/vivarium.js', 'server', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal))
server.on('exit', (code, signal) => process.exit(signal ? 1 : code))
