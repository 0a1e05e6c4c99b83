import { eventually } from '@vivarium/testing'
import type { ServerKind } from '../server-process.ts'
import { type CheckReport, check, withEnsemble } from './roles.ts'

/**
 * A leader has logged what nobody else has, and comes back when the others have gone on without it: what it has too many
 * has to go.
 *
 * @param old of the server that leads first @param others of those that go on
 */
export function checkTruncation(old: ServerKind, others: ServerKind): Promise<CheckReport> {
  return withEnsemble(3, {}, async (ensemble, report) => {
    const kindOf = (sid: number): ServerKind => (sid === 3 ? old : others)
    await ensemble.start(kindOf)
    const client = await ensemble.member(3).connect()
    await client.create('/agreed')
    for (const sid of [1, 2]) await ensemble.member(sid).kill()
    client.create('/lost').catch(() => {})
    // It notices within a tick that nobody follows any more; by then it has logged the transaction.
    await eventually('the leader gives up', async () => ((await ensemble.member(3).mode()) === null ? true : null))
    await ensemble.member(3).kill()
    await ensemble.start(kindOf, [1, 2])
    await ensemble.start(kindOf, [3])
    const back = await ensemble.member(3).connect()
    await back.sync()
    check(report, 'what only one had is gone', (await back.exists('/lost')) === null)
    check(report, 'what all had is there', (await back.exists('/agreed')) !== null)
    await back.create('/later')
    await back.close()
    check(report, 'after the truncation', await ensemble.differences())
    await ensemble.member(3).stop()
    await ensemble.start(kindOf, [3])
    check(report, 'and after a restart', await ensemble.differences())
  })
}
