import { parseArgs } from 'node:util'
import { APACHE, commandKind, VIVARIUM } from '../server-process.ts'
import { talkThroughCShell } from './c-shell.ts'
import { PEERS } from './peers.ts'
import { type Checks, runChecks } from './run-checks.ts'
import { compareZkCli } from './zk-cli.ts'

/** `main.js [--peer NAME] [--server apache|vivarium|CMD]`: one client's checks, or all, against one server. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { peer: { type: 'string' }, server: { type: 'string', default: 'vivarium' } },
  })
  const { server } = values
  const kind = server === 'apache' ? APACHE : server === 'vivarium' ? VIVARIUM : commandKind('server', server)
  let passed = 0
  let failed = 0
  const programs = new Map<string, () => Promise<Checks>>()
  for (const peer of PEERS) programs.set(peer.name, () => runChecks(peer.prepare(), kind))
  programs.set('zk-cli', () => compareZkCli(kind))
  programs.set('c-shell', () => talkThroughCShell(kind))
  for (const [name, program] of programs) {
    if (values.peer !== undefined && values.peer !== name) continue
    const checks = await program()
    for (const check of checks.passed) console.log(`ok ${name} ${check}`)
    for (const check of checks.failed) console.log(`FAIL ${name} ${check}`)
    passed += checks.passed.length
    failed += checks.failed.length
  }
  console.log(`clients: ${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

main().then((code) => {
  process.exitCode = code
})
