import { test } from 'node:test'
import { fuzz } from '../dist/fuzz/fuzz.js'
import { complaints, FUZZ_SERVER } from '../dist/fuzz/limits.js'
import { ServerProcess, VIVARIUM } from '../dist/server-process.js'
import { SEED, Suite } from '../dist/suite.js'

const suite = new Suite('fuzz')

test('hostile frames harm nobody else', async () => {
  const server = await ServerProcess.start(VIVARIUM, FUZZ_SERVER)
  try {
    const report = await fuzz(server, { seed: SEED, frames: 500_000, connections: 8 })
    suite.report(report.frames, complaints(report))
  } finally {
    await server.dispose()
  }
})
