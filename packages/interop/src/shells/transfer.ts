import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ZooKeeper } from '@vivarium/client'
import type { Checks } from '../clients/run-checks.ts'
import { APACHE, ServerProcess, VIVARIUM } from '../server-process.ts'
import { OwnShell } from './own-shell.ts'

const ZNODES = 3000

/** Takes a tree from Apache's server to ours and back: by a copy, by a file, by a move. */
export async function transferTrees(): Promise<Checks> {
  const config = { forceSync: 'no', extendedTypesEnabled: 'true' }
  const [theirs, ours] = [
    await ServerProcess.start(APACHE, { config }),
    await ServerProcess.start(VIVARIUM, { config }),
  ]
  const folder = mkdtempSync(join(tmpdir(), 'interop-transfer-'))
  try {
    const owner = await grow(theirs.port)
    const [apache, vivarium] = [theirs, ours].map(({ port }) => `127.0.0.1:${port}`) as [string, string]
    const there = await OwnShell.start(apache)
    const here = await OwnShell.start(vivarium)
    const checks: Checks = { passed: [], failed: [] }
    const expect = async (shell: OwnShell, line: string, answer: RegExp): Promise<void> => {
      const { out, err, exitCode } = await shell.run(line)
      const said = [...out, ...err].join('\n')
      if (exitCode === 0 && answer.test(said)) checks.passed.push(line)
      else checks.failed.push(`${line}: ${said.slice(0, 500)} (exit code ${exitCode})`)
    }
    const dump = join(folder, 'dump.bin.gz')
    await expect(there, `cp -to ${vivarium} /tree /tree`, /^3011 created; \d+ bytes; 1 ephemerals were left out$/)
    await expect(there, `diff -to ${vivarium} /tree`, /^$/)
    await expect(there, `export -binary /tree ${dump}`, /^3011 znodes; 1 ephemerals/)
    await expect(here, `import ${dump} /again`, /^3011 created/)
    await expect(here, `diff -to ${apache} /again /tree`, /^$/)
    await expect(here, `export /again ${join(folder, 'dump.json')}`, /^3011 znodes$/)
    await expect(there, `import -f ${join(folder, 'dump.json')} /tree`, /^0 created, 3011 overwritten/)
    await expect(there, `diff -file ${dump} /tree`, /^$/)
    await expect(there, 'mv /tree/1 /moved', /^301 moved$/)
    await expect(there, 'ls /tree', /^\[0, 2, 3, 4, 5, 6, 7, 8, 9, ephemeral\]$/)
    for (const shell of [there, here]) await shell.end()
    await owner.close()
    return checks
  } finally {
    rmSync(folder, { recursive: true, force: true })
    for (const server of [theirs, ours]) await server.dispose()
  }
}

/** Data of all lengths, lists, and an ephemeral of a session that stays. */
async function grow(port: number): Promise<ZooKeeper> {
  const zk = await ZooKeeper.connect(`127.0.0.1:${port}`)
  await zk.create('/tree', { data: null })
  for (let i = 0; i < 10; i++) await zk.create(`/tree/${i}`, { data: 'x'.repeat(i * 100) })
  const acl = [{ perms: 19, id: { scheme: 'world', id: 'anyone' } }]
  const made = Array.from({ length: ZNODES }, (_, i) =>
    zk.create(`/tree/${i % 10}/${i}`, { data: Buffer.alloc(i % 700, i), ...(i % 7 === 0 && { acl }) }),
  )
  await Promise.all(made)
  await zk.create('/tree/ephemeral', { mode: 'EPHEMERAL' })
  return zk
}
