/** Randomness: cryptographic in production, a seeded generator in the simulator. */
export interface Random {
  /** An integer from 0 to 2^32 − 1. */
  uint32(): number
}
