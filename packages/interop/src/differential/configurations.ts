import type { ServerOptions } from '../server-process.ts'
import { SUPER_DIGEST } from './vocabulary.ts'

/** A way to configure both servers. */
export interface Configuration {
  options: ServerOptions
  /** Whether `SUPER_USER` is a super user. */
  hasSuper: boolean
}

// Sessions must outlive the run, whatever timeout they ask for; and nothing here is about disks.
const COMMON = { forceSync: 'no', minSessionTimeout: '300000', maxSessionTimeout: '600000' }
const SUPER = { 'DigestAuthenticationProvider.superDigest': SUPER_DIGEST }

/** The configurations scripts are played with, by name. */
export const CONFIGURATIONS: Readonly<Record<string, Configuration>> = {
  plain: { hasSuper: true, options: { config: { ...COMMON, ...SUPER } } },
  everything: {
    hasSuper: true,
    options: {
      config: { ...COMMON, ...SUPER, extendedTypesEnabled: 'true', enforceQuota: 'true', reconfigEnabled: 'true' },
    },
  },
  'no-digest': {
    hasSuper: false,
    options: { config: { ...COMMON, 'DigestAuthenticationProvider.enabled': 'false', extendedTypesEnabled: 'true' } },
  },
  'skip-acl': { hasSuper: false, options: { config: { ...COMMON, skipACL: 'yes', extendedTypesEnabled: 'true' } } },
}
