import { eventually } from '@vivarium/testing'
import { freePort, type ServerKind } from '../server-process.ts'
import type { Ensemble, Member } from './ensemble.ts'
import { type CheckReport, check, withEnsemble } from './roles.ts'

const OBSERVERS = [4, 5]
const EPHEMERAL = 1
const TIMEOUT_MS = 10_000
const COUNT = 40

/**
 * Three voters, of which the last leads, and two observers that are served by the followers: what is written anywhere comes
 * to them, their clients' sessions live, move and end, and when a follower is gone its observers go on with the other one.
 *
 * @param kinds of the voters @param observer of both observers
 */
export async function checkObserverMasters(kinds: readonly ServerKind[], observer: ServerKind): Promise<CheckReport> {
  const config = { observerMasterPort: String(await freePort()) }
  const options = {
    observers: OBSERVERS,
    config,
    // All listen at the same port.
    hostsOf: (sid: number) => [`127.0.0.${sid}`],
  }
  return await withEnsemble(5, options, async (ensemble, report) => {
    const kindOf = (sid: number): ServerKind => kinds[sid - 1] ?? observer
    await ensemble.start(kindOf, [1, 3])
    await ensemble.start(kindOf, [2])
    const writer = await ensemble.member(3).connect()
    for (let i = 0; i < COUNT; i++) await writer.create(`/before-${i}`)
    await ensemble.start(kindOf, OBSERVERS)
    check(report, 'observers that begin with nothing', await ensemble.differences())
    const served = await servedBy(ensemble)
    check(report, `the followers serve them: ${served}`, served[0] + served[1] === 2 && served[2] === 0)

    for (const sid of OBSERVERS) {
      const client = await ensemble.member(sid).connect()
      await Promise.all(Array.from({ length: COUNT }, (_, i) => client.create(`/through-${sid}-${i}`)))
      await client.setData(`/through-${sid}-0`, Buffer.from('changed'), 0)
      await client.sync()
      check(report, `server ${sid} reads what it wrote`, (await client.exists(`/through-${sid}-0`))?.version === 1)
      await client.close()
    }
    check(report, 'after writes through each', await ensemble.differences())

    const [kept, quiet] = [await session(ensemble.member(4)), await session(ensemble.member(4))]
    await kept.create('/kept', null, { flags: EPHEMERAL })
    await quiet.create('/quiet', null, { flags: EPHEMERAL })
    await eventually('the session that is silent ends', async () => {
      await kept.ping()
      await writer.sync()
      return (await writer.exists('/quiet')) === null ? true : null
    })
    check(report, 'the one that pings lives on', (await writer.exists('/kept')) !== null)
    const { sessionId, password } = kept.session
    for (const sid of [5, 1, 2, 4]) {
      const request = { sessionId, password: password ?? undefined, timeoutMs: TIMEOUT_MS }
      const moved = await ensemble.member(sid).connect(request)
      await moved.setData('/kept', Buffer.from(String(sid)))
      if (sid !== 4) moved.destroy()
      else await moved.close()
    }
    await writer.sync()
    check(report, 'its znode went with it', (await writer.exists('/kept')) === null)

    const gone = served[0] > 0 ? 1 : 2
    await ensemble.member(gone).kill()
    for (let i = 0; i < COUNT; i++) await writer.create(`/missed-${i}`)
    await ensemble.settled()
    await eventually('the other follower serves both', async () => {
      const now = await servedBy(ensemble)
      return now[2 - gone] === 2 ? true : null
    })
    check(report, 'with one follower', await ensemble.differences())
    await ensemble.start(kindOf, [gone])
    writer.destroy()
    await ensemble.member(3).kill()
    await ensemble.settled()
    const after = await ensemble.member(4).connect()
    await after.create('/after')
    await after.close()
    check(report, 'with another leader', await ensemble.differences())
  })
}

/** How many observers each of the voters says that it serves. */
async function servedBy(ensemble: Ensemble): Promise<[number, number, number]> {
  const count = async (sid: number): Promise<number> =>
    Number((await ensemble.member(sid).metric('synced_observers')) ?? 0)
  return [await count(1), await count(2), await count(3)]
}

const session = (member: Member) => member.connect({ timeoutMs: TIMEOUT_MS })
