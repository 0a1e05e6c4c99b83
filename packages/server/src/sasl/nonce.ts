import type { Random } from '@vivarium/env'

const NONCE_WORDS = 8

/** What was never used before, and nobody can guess. */
export function nonce(random: Random): string {
  return Buffer.from(Uint32Array.from({ length: NONCE_WORDS }, () => random.uint32()).buffer).toString('base64')
}
