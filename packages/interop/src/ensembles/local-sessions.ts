import { Op } from '../opcodes.ts'
import { ConnectionLost, RawClient } from '../raw-client.ts'
import { createBody, OPEN_ACL } from '../records.ts'
import type { ServerKind } from '../server-process.ts'
import type { Member } from './ensemble.ts'
import { type CheckReport, check, withEnsemble } from './roles.ts'

const EPHEMERAL = 1
const EPHEMERAL_ON_LOCAL_SESSION = -120

/**
 * Three voters whose sessions are local: each member's begin and end without a transaction, and write; what becomes of one
 * that asks for an ephemeral znode depends on `upgrading`.
 */
export function checkLocalSessions(kinds: readonly ServerKind[], upgrading: boolean): Promise<CheckReport> {
  const config = { localSessionsEnabled: 'true', localSessionsUpgradingEnabled: String(upgrading) }
  return withEnsemble(kinds.length, { config }, async (ensemble, report) => {
    await ensemble.start((sid) => kinds[sid - 1] as ServerKind)
    for (const member of ensemble.members) {
      const name = `server ${member.sid} (${member.process?.kind.name})`
      const others = ensemble.members.filter((other) => other !== member)
      const client = await member.connect()
      await client.create(`/through-${member.sid}`)
      check(report, `${name} counts it`, Number(await member.metric('local_sessions')) === 1)
      check(report, `${name} has told nobody`, (await member.metric('global_sessions')) === '0')
      check(report, `${name} says so in dump`, /^Local Session Sets/m.test((await member.process?.word('dump')) ?? ''))
      for (const other of others)
        check(report, `${name}: unknown to server ${other.sid}`, !(await takes(other, client)))

      const body = createBody(`/ephemeral-${member.sid}`, null, OPEN_ACL, EPHEMERAL)
      const { errno } = await client.call(Op.create, body)
      check(report, `${name}: an ephemeral znode, ${errno}`, errno === (upgrading ? 0 : EPHEMERAL_ON_LOCAL_SESSION))
      if (upgrading) {
        const parts = [`/multi-${member.sid}`, `/multi-${member.sid}-b`].map((path, i) => ({
          op: Op.create,
          body: createBody(path, null, OPEN_ACL, i === 0 ? 0 : EPHEMERAL),
        }))
        await client.multi(parts)
        check(report, `${name}: all know it now`, (await member.metric('global_sessions')) === '1')
        client.destroy()
        const moved = await (others[0] as Member).connect(again(client))
        check(report, `${name}: it moves`, moved.session.sessionId === client.session.sessionId)
        await moved.close()
        const reader = await (others[1] as Member).connect()
        await reader.sync()
        check(report, `${name}: its znodes go with it`, (await reader.exists(`/multi-${member.sid}-b`)) === null)
        await reader.close()
      } else {
        check(report, `${name}: its server gives it back`, await takes(member, client))
        const last = await member.connect(again(client))
        await last.close()
        check(report, `${name}: it is over`, !(await takes(member, client)))
      }
    }
    check(report, 'after all', await ensemble.differences())
  })
}

const again = ({ session }: RawClient) => ({
  sessionId: session.sessionId,
  password: session.password ?? undefined,
})

/** Whether a member gives the session of this client back to it. */
async function takes(member: Member, client: RawClient): Promise<boolean> {
  try {
    const back = await RawClient.connect(member.port, again(client))
    back.destroy()
    return true
  } catch (error) {
    if (error instanceof ConnectionLost) return false
    throw error
  }
}
