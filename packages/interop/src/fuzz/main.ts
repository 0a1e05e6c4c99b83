import { parseArgs } from 'node:util'
import { APACHE, commandKind, type ServerKind, ServerProcess, VIVARIUM } from '../server-process.ts'
import { fuzz } from './fuzz.ts'
import { complaints, FUZZ_SERVER, megabytes } from './limits.ts'

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
    const { slowestMs, slowestOwnMs } = report.pings
    console.log(
      `slowest ping ${slowestMs.toFixed(1)} ms, ${slowestOwnMs.toFixed(1)} ms but for waiting for a processor`,
    )
    for (const { frames, residentBytes, znodes } of report.memory)
      console.log(`after ${(frames / 1e6).toFixed(1)} million frames ${megabytes(residentBytes)}, ${znodes} znodes`)
    const found = complaints(report)
    for (const complaint of found) console.log(`too much: ${complaint}`)
    return found.length === 0 ? 0 : 1
  } catch (error) {
    console.log(`seed ${values.seed}: the server ${server.ended ?? 'lives, but'} ${error}\n${server.logTail()}`)
    return 1
  } finally {
    await server.dispose()
  }
}

main().then((code) => {
  process.exitCode = code
})
