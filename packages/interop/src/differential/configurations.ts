import type { ServerOptions } from '../server-process.ts'
import { SUPER_DIGEST } from './vocabulary.ts'

/** A way to configure both servers. */
export interface Configuration {
  options: ServerOptions
  /** Whether `SUPER_USER` is a super user. */
  hasSuper: boolean
  /** Whether a write that passes a hard limit is refused. */
  enforcesQuota: boolean
}

// Sessions must outlive the run, whatever timeout they ask for; and nothing here is about disks.
const COMMON = { forceSync: 'no', minSessionTimeout: '300000', maxSessionTimeout: '600000' }
// Nor do containers go by themselves: when that happens depends on the time a run takes.
const SYSTEM = { 'znode.container.checkIntervalMs': '86400000' }
const SUPER_KEY = 'DigestAuthenticationProvider.superDigest'

/** The configurations scripts are played with, by name. */
export const CONFIGURATIONS: Readonly<Record<string, Configuration>> = {
  plain: configuration({ [SUPER_KEY]: SUPER_DIGEST }),
  everything: configuration({
    [SUPER_KEY]: SUPER_DIGEST,
    extendedTypesEnabled: 'true',
    enforceQuota: 'true',
    reconfigEnabled: 'true',
  }),
  'no-digest': configuration({ 'DigestAuthenticationProvider.enabled': 'false', extendedTypesEnabled: 'true' }),
  'skip-acl': configuration({ [SUPER_KEY]: SUPER_DIGEST, skipACL: 'yes', extendedTypesEnabled: 'true' }),
}

function configuration(config: Record<string, string>): Configuration {
  return {
    hasSuper: SUPER_KEY in config,
    enforcesQuota: config.enforceQuota === 'true',
    options: { config: { ...COMMON, ...config }, system: SYSTEM },
  }
}
