import { parseArgs } from 'node:util'
import { APACHE, commandKind, type ServerKind, ServerProcess, VIVARIUM } from '../server-process.ts'
import { fuzz } from './fuzz.ts'
import { FUZZ_SERVER, znodeCount } from './limits.ts'

const USAGE = `Sends hostile frames to a server's client port and watches how it bears up.

  main.js [--frames N] [--connections N] [--seed N] [--server apache|vivarium|CMD]`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      frames: { type: 'string', default: '1000000' },
      connections: { type: 'string', default: '8' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      server: { type: 'string', default: 'vivarium' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const word = values.server
  const kind: ServerKind = word === 'apache' ? APACHE : word === 'vivarium' ? VIVARIUM : commandKind('server', word)
  const server = await ServerProcess.start(kind, FUZZ_SERVER)
  try {
    const report = await fuzz(server, {
      seed: Number(values.seed),
      frames: Number(values.frames),
      connections: Number(values.connections),
    })
    const rate = Math.round(report.frames / report.seconds)
    console.log(`seed ${values.seed}: ${report.frames} frames over ${report.connections} connections, ${rate} a second`)
    console.log(`slowest ping ${report.slowestPingMs.toFixed(1)} ms`)
    console.log(`memory ${megabytes(report.residentBefore)} before, ${megabytes(report.residentAfter)} after`)
    console.log(`znodes ${await znodeCount(server)}`)
    return 0
  } catch (error) {
    console.log(`seed ${values.seed}: the server ${server.ended ?? 'lives, but'} ${error}\n${server.logTail()}`)
    return 1
  } finally {
    await server.dispose()
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}

main().then((code) => {
  process.exitCode = code
})
