import { parseArgs } from 'node:util'
import { APACHE, commandKind, type ServerKind, VIVARIUM } from '../server-process.ts'
import { checkDurability } from './durability.ts'

/** `main.js [--kills N] [--writers N] [--seed N] [--server apache|vivarium|CMD]`: kill -9 under load, and what is left. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '10' },
      writers: { type: 'string', default: '4' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      server: { type: 'string', default: 'vivarium' },
    },
  })
  const word = values.server
  const kind: ServerKind = word === 'apache' ? APACHE : word === 'vivarium' ? VIVARIUM : commandKind('server', word)
  const options = { seed: Number(values.seed), kills: Number(values.kills), writers: Number(values.writers) }
  const { acknowledged, refused, unanswered, complaints } = await checkDurability(kind, options)
  for (const complaint of complaints.slice(0, 20)) console.log(complaint)
  console.log(`seed ${values.seed}: ${acknowledged} acknowledged, ${refused} refused, ${unanswered} unanswered`)
  console.log(`${complaints.length} complaints over ${options.kills} kills`)
  return complaints.length === 0 ? 0 : 1
}

main().then((code) => {
  process.exitCode = code
})
