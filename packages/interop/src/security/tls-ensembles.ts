import { setTimeout as delay } from 'node:timers/promises'
import { type CheckReport, check, withEnsemble } from '../ensembles/roles.ts'
import type { ServerKind } from '../server-process.ts'
import { fixture } from './fixtures.ts'

/** Every connection between members is encrypted, and both ends show a certificate. */
export const SSL_QUORUM = {
  sslQuorum: 'true',
  'ssl.quorum.keyStore.location': fixture('server.pem'),
  'ssl.quorum.trustStore.location': fixture('ca.pem'),
}

const PLAIN = { sslQuorum: 'false' }
/** The way from an ensemble in the clear to an encrypted one, member by member. */
const STEPS = [
  { ...SSL_QUORUM, ...PLAIN, portUnification: 'true' },
  { ...SSL_QUORUM, portUnification: 'true' },
  { ...SSL_QUORUM, portUnification: 'false' },
]

/** An ensemble that is not encrypted becomes so while it serves: each member is restarted three times. */
export function checkRollingEncryption(kinds: readonly ServerKind[]): Promise<CheckReport> {
  return withEnsemble(kinds.length, {}, async (ensemble, report) => {
    const kindOf = (sid: number): ServerKind => kinds[sid - 1] as ServerKind
    const sids = ensemble.members.map(({ sid }) => sid)
    await ensemble.start(kindOf, sids)
    for (const [step, settings] of STEPS.entries()) {
      for (const sid of sids) {
        const member = ensemble.member(sid)
        await member.stop()
        Object.assign(member.config, settings)
        await ensemble.start(kindOf, [sid])
        const client = await member.connect()
        await client.create(`/step-${step}-${sid}`)
        await client.close()
      }
      check(report, `after step ${step + 1}`, await ensemble.differences())
    }
  })
}

/** A member whose certificate is not what it should be does not get in; the others go on without it. */
export function checkStrangers(kinds: readonly ServerKind[]): Promise<CheckReport> {
  return withEnsemble(kinds.length, { config: SSL_QUORUM }, async (ensemble, report) => {
    const kindOf = (sid: number): ServerKind => kinds[sid - 1] as ServerKind
    for (const store of ['stranger.pem', 'elsewhere.pem']) {
      const stranger = ensemble.member(1)
      stranger.config['ssl.quorum.keyStore.location'] = fixture(store)
      await ensemble.start(kindOf, [2, 3])
      await stranger.start(kindOf(1))
      const client = await ensemble.member(2).connect()
      // Long enough for it to have called, and to have been called.
      for (let i = 0; i < 20; i++) {
        await client.create(`/${store}-${i}`)
        await delay(100)
      }
      await client.close()
      check(report, `${store} is not let in`, (await stranger.mode()) === null)
      for (const sid of [1, 2, 3]) await ensemble.member(sid).stop()
    }
  })
}
