import { eventually } from '@vivarium/testing'
import type { Checks } from '../clients/run-checks.ts'
import { Ensemble } from '../ensembles/ensemble.ts'
import { APACHE, VIVARIUM } from '../server-process.ts'
import { OwnShell } from './own-shell.ts'
import type { Said } from './shell.ts'

const SIZE = 3

/** Asks an ensemble of both kinds for its state: by one address, by all, and with a member that is away. */
export async function askMixedEnsemble(): Promise<Checks> {
  const ensemble = await Ensemble.layOut(SIZE)
  try {
    for (const member of ensemble.members) {
      for (const { sid, port } of ensemble.members) member.config[`server.${sid}`] += `;127.0.0.1:${port}`
    }
    for (const [i, member] of ensemble.members.entries()) await member.start(i === 0 ? APACHE : VIVARIUM)
    const addresses = ensemble.members.map(({ port }) => `127.0.0.1:${port}`)
    const checks: Checks = { passed: [], failed: [] }
    const shell = await OwnShell.start(addresses[1] as string)
    const note = (passed: boolean, what: string): void => void (passed ? checks.passed : checks.failed).push(what)
    const roles = (lines: readonly string[]): string =>
      lines
        .slice(1)
        .map((line) => line.split(/ {2,}/)[1])
        .sort()
        .join()
    await ensemble.settled()
    const answer = await statusOfAll(shell)
    const shown = answer.out.join('\n')
    note(roles(answer.out) === 'follower,follower,leader', `all members by one address: ${shown}`)
    note(
      addresses.every((address) => shown.includes(address)),
      `where they are: ${shown}`,
    )
    note(
      answer.out.slice(1).every((line) => / {2}0x1[0-9a-f]+ {2,}\d+ {2,}/.test(line)),
      `each with its lag: ${shown}`,
    )
    note(/3\.9\.5/.test(shown), `with their versions: ${shown}`)
    const given = await shell.run(`status ${addresses[0]},${addresses[1]}`)
    note(given.out.length === 3, `only those that are asked for: ${given.out.join('\n')}`)
    await ensemble.member(3).kill()
    await ensemble.settled()
    const less = await statusOfAll(shell)
    note(less.exitCode === 1 && /ECONNREFUSED/.test(less.out.join()), `one that is away shows: ${less.out.join('\n')}`)
    await shell.end()
    return checks
  } finally {
    await ensemble.dispose()
  }
}

/** Who the members are the shell is told by the ensemble, or not in time by a busy one: then it asks only the one it knows. */
async function statusOfAll(shell: OwnShell): Promise<Said> {
  return await eventually('the shell shows all members', async () => {
    const answer = await shell.run('status')
    return answer.out.length === 1 + SIZE ? answer : null
  })
}
