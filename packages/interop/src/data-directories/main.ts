import { parseArgs } from 'node:util'
import { APACHE, commandKind, type ServerKind, VIVARIUM } from '../server-process.ts'
import { takeTurns, tryVariant, VARIANTS } from './trial.ts'

/** `main.js [--server apache|vivarium|CMD] [--only TEXT]`: data directories that Apache and another server write and read. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { server: { type: 'string', default: 'vivarium' }, only: { type: 'string', default: '' } },
  })
  const word = values.server
  const kind: ServerKind = word === 'apache' ? APACHE : word === 'vivarium' ? VIVARIUM : commandKind('server', word)
  const trials = new Map<string, () => Promise<string[]>>()
  for (const variant of VARIANTS) {
    for (const writer of new Set([APACHE, kind])) {
      trials.set(`written by ${writer.name}, ${variant.name}`, () => tryVariant(writer, kind, variant))
    }
  }
  trials.set('back and forth', () => takeTurns(APACHE, kind, 6))
  let passed = 0
  let failed = 0
  for (const [name, trial] of trials) {
    if (!name.includes(values.only)) continue
    const complaints = await trial()
    console.log(`${complaints.length === 0 ? 'ok' : 'FAIL'} ${name}`)
    for (const complaint of complaints.slice(0, 12)) console.log(`  ${complaint}`)
    if (complaints.length > 12) console.log(`  and ${complaints.length - 12} more`)
    if (complaints.length === 0) passed++
    else failed++
  }
  console.log(`directories: ${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

main().then((code) => {
  process.exitCode = code
})
