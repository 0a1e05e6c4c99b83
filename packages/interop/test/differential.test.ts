import { test } from 'node:test'
import { compareServers } from '../dist/differential/compare.js'
import { CONFIGURATIONS } from '../dist/differential/configurations.js'
import { makeScript } from '../dist/differential/generator.js'
import { APACHE, VIVARIUM } from '../dist/server-process.js'
import { SEED, Suite } from '../dist/suite.js'

const suite = new Suite('differential')

/** Requests for each configuration; more than that is for `main.js`, with other seeds. */
const REQUESTS = 25_000

for (const [name, configuration] of Object.entries(CONFIGURATIONS)) {
  test(`the same requests have the same answers, configured ${name}`, (context) =>
    suite.withPeers(context, async () => {
      const script = makeScript({ seed: SEED, requests: REQUESTS, ...configuration })
      const result = await compareServers({ ...configuration, theirs: APACHE, ours: VIVARIUM }, script)
      const again = `node packages/interop/dist/differential/main.js --config ${name} --seed ${SEED} --requests ${REQUESTS}`
      const { difference } = result
      if (difference === null) return suite.report(result.requests, [])
      const both = difference.before.map((line) => `both:   ${line}\n`).join('')
      suite.report(0, [
        `${both}theirs: ${difference.theirs}\nours:   ${difference.ours}\nto see a short script: ${again}`,
      ])
    }))
}
