import { join } from 'node:path'
import type { EnsembleOptions } from '../ensembles/ensemble.ts'
import { type CheckReport, check, checkRoles, withEnsemble, writeMeanwhile } from '../ensembles/roles.ts'
import type { ServerKind } from '../server-process.ts'
import { writeJaas } from './jaas.ts'
import { Kdc } from './kdc.ts'

const QUORUM = {
  'quorum.auth.enableSasl': 'true',
  'quorum.auth.learnerRequireSasl': 'true',
  'quorum.auth.serverRequireSasl': 'true',
  'quorum.auth.kerberos.servicePrincipal': 'zkquorum/_HOST',
}

async function withKerberos(body: (options: EnsembleOptions, kdc: Kdc) => Promise<CheckReport>): Promise<CheckReport> {
  const kdc = await Kdc.start()
  try {
    writeJaas(kdc)
    const system = {
      'java.security.auth.login.config': join(kdc.directory, 'good.conf'),
      'java.security.krb5.conf': kdc.config,
    }
    return await body({ config: QUORUM, system, hostsOf: () => ['localhost'] }, kdc)
  } finally {
    kdc.stop()
  }
}

/** All roles, with members that authenticate to each other by Kerberos. */
export function checkKerberosRoles(kinds: readonly ServerKind[]): Promise<CheckReport> {
  return withKerberos((options) => checkRoles(kinds, options))
}

/** All roles, with members that are configured by addresses, and are known to Kerberos by the names that these have. */
export function checkCanonicalNames(kinds: readonly ServerKind[]): Promise<CheckReport> {
  const config = { ...QUORUM, 'kerberos.canonicalizeHostNames': 'true' }
  return withKerberos((options) => checkRoles(kinds, { ...options, config, hostsOf: () => ['127.0.0.1'] }))
}

/** Who has keys, but not those of a member, does not get in. */
export function checkKerberosStrangers(kinds: readonly ServerKind[]): Promise<CheckReport> {
  return withKerberos((options, kdc) =>
    withEnsemble(kinds.length, options, async (ensemble, report) => {
      const kindOf = (sid: number): ServerKind => kinds[sid - 1] as ServerKind
      const stranger = ensemble.member(1)
      await ensemble.start(kindOf, [2, 3])
      const system = { ...stranger.system, 'java.security.auth.login.config': join(kdc.directory, 'stranger.conf') }
      Object.assign(stranger, { system })
      await stranger.start(kindOf(1))
      await writeMeanwhile(ensemble.member(2))
      check(report, 'it is not let in', (await stranger.mode()) === null)
    }),
  )
}
