import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '@vivarium/testing'
import type { ServerKind } from '../server-process.ts'
import type { Member } from './ensemble.ts'
import { type CheckReport, check, withEnsemble } from './roles.ts'

const fileOf = ({ directory }: Member): string => join(directory, 'oracle')

/**
 * Two voters, each with an oracle of its own: the leader goes on when its follower dies, the follower takes over when the
 * leader has, neither does so without leave, and who comes back gets what it has missed.
 */
export function checkOracle(kinds: readonly [ServerKind, ServerKind]): Promise<CheckReport> {
  // Apache asks again only as often as it notifies.
  return withEnsemble(2, { config: { 'fastleader.maxNotificationInterval': '1000' } }, async (ensemble, report) => {
    const kindOf = (sid: number): ServerKind => kinds[sid - 1] as ServerKind
    const [first, second] = ensemble.members as [Member, Member]
    const letGoOn = (member: Member, authorized: boolean): void =>
      writeFileSync(fileOf(member), authorized ? '1\n' : '0\n')
    for (const member of ensemble.members) {
      member.config.oraclePath = fileOf(member)
      letGoOn(member, false)
    }
    const write = async (member: Member, path: string): Promise<void> => {
      const client = await member.connect()
      await client.create(path)
      await client.close()
    }
    const hasMode = (member: Member, mode: string | null): Promise<true> =>
      eventually(`server ${member.sid} is ${mode ?? 'without a role'}`, async () =>
        (await member.mode()) === mode ? true : null,
      )
    const writes = (member: Member, path: string): Promise<true> =>
      eventually(`server ${member.sid} writes`, () =>
        write(member, path).then(
          () => true as const,
          () => null,
        ),
      )

    await ensemble.start(kindOf)
    check(report, 'the last one leads', (await second.mode()) === 'leader')
    const writer = await second.connect()
    await writer.create('/both')

    letGoOn(second, true)
    await first.kill()
    await writer.create('/leader-goes-on')
    await writer.create('/leader-alone')
    check(report, 'the leader goes on', (await second.mode()) === 'leader')
    await ensemble.start(kindOf, [1])
    check(report, 'the follower is back', (await first.mode()) === 'follower')
    check(report, 'it has what it missed', await ensemble.differences())
    await writer.create('/both-again')
    writer.destroy()
    letGoOn(second, false)

    await second.kill()
    await hasMode(first, null)
    letGoOn(first, true)
    await hasMode(first, 'leader')
    await writes(first, '/other-alone')
    await ensemble.start(kindOf, [2])
    check(report, 'the other goes on leading', (await first.mode()) === 'leader')
    check(report, 'who led has what it missed', await ensemble.differences())

    await second.kill()
    await writes(first, '/alone-once-more')
    letGoOn(first, false)
    await hasMode(first, null)
    await ensemble.start(kindOf, [2])
    await writes(first, '/together')
    check(report, 'in the end', await ensemble.differences())
  })
}
