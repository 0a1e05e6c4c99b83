import { test } from 'node:test'
import { fuzzMembers } from '../dist/fuzz/members/fuzz-members.js'
import { SEED, Suite } from '../dist/suite.js'

/** How many hostile messages there are in all. */
const FRAMES = Number(process.env.VIVARIUM_INTEROP_MEMBER_FRAMES ?? 200_000)

const suite = new Suite('hostile members')

test('who lies on the ports of members harms nobody, and is told from them', async () => {
  const { tallies, complaints, seconds, slowestWriteMs, writes, memory } = await fuzzMembers(SEED, FRAMES)
  let frames = 0
  for (const [name, tally] of Object.entries(tallies)) {
    frames += tally.frames
    console.log(`${name}: ${tally.frames} messages over ${tally.connections} connections`)
  }
  console.log(
    `${Math.round(frames / seconds)} a second; ${writes} writes meanwhile took up to ${slowestWriteMs.toFixed(0)} ms`,
  )
  for (const [name, bytes] of Object.entries(memory))
    console.log(`${name}: ${bytes.map((some) => Math.round(some / 1e6)).join(', ')} MB`)
  suite.report(frames, complaints)
})
