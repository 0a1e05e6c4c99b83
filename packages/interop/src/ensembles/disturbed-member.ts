import type { ServerKind } from '../server-process.ts'
import { DISTURBANCES, disturbed } from './disturbances.ts'
import type { Member } from './ensemble.ts'
import { type CheckReport, check, withEnsemble } from './roles.ts'

const BATCHES = 40
const BATCH = 50

/**
 * Five members, of which a follower is slow or flapping: the others go on, under the same leader, in the same epoch, and the
 * follower has what they have in the end.
 */
export function checkDisturbedMember(kind: ServerKind, disturbance: keyof typeof DISTURBANCES): Promise<CheckReport> {
  return withEnsemble(5, { config: { tickTime: '2000' } }, async (ensemble, report) => {
    await ensemble.start(() => kind)
    const leader = await ensemble.settled()
    const victim = ensemble.members.find((member) => member !== leader) as Member
    const client = await leader.connect()
    await client.create('/first')
    const epoch = client.lastZxid >> 32n
    await disturbed(DISTURBANCES[disturbance], victim, kind, async () => {
      for (let batch = 0; batch < BATCHES; batch++) {
        await Promise.all(Array.from({ length: BATCH }, (_, i) => client.create(`/${disturbance}-${batch}-${i}`)))
      }
    })
    check(report, 'the same leader', (await ensemble.settled()) === leader)
    check(report, 'the same epoch', client.lastZxid >> 32n === epoch)
    check(report, 'in the end', await ensemble.differences())
    await client.close()
  })
}
