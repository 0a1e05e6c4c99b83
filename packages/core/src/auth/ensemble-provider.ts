import { readUtf8 } from '@vivarium/protocol'
import type { AuthProvider } from './auth-provider.ts'

/** What the ensemble provider has decided so far: the metrics `ensemble_auth_*`. */
export interface EnsembleAuthCounts {
  skipped: number
  succeeded: number
  failed: number
}

/**
 * No authentication: the client says which ensemble it means to talk to, and is turned away if it has come to another.
 *
 * Inherited from EnsembleAuthenticationProvider.
 *
 * @param names separated by commas (`ensembleAuthName`); null accepts all
 */
export function ensembleProvider(names: string | null, counts: EnsembleAuthCounts): AuthProvider {
  const accepted = names === null ? null : new Set(names.split(',').map((name) => name.trim()))
  return {
    scheme: 'ensemble',
    isAuthenticated: false,
    authenticate(credentials) {
      if (accepted === null || credentials === null || credentials.length === 0) counts.skipped++
      else if (accepted.has(readUtf8(credentials, 0, credentials.length))) counts.succeeded++
      else {
        counts.failed++
        return 'CLOSE'
      }
      return []
    },
    isValid: () => false,
    matches: () => false,
    userName: (id) => id,
  }
}
