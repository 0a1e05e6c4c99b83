import { type CheckReport, check, checkRollingSteps, withEnsemble, writeMeanwhile } from '../ensembles/roles.ts'
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
  return checkRollingSteps(kinds, {}, STEPS)
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
      await writeMeanwhile(ensemble.member(2), store)
      check(report, `${store} is not let in`, (await stranger.mode()) === null)
      for (const sid of [1, 2, 3]) await ensemble.member(sid).stop()
    }
  })
}
