import assert from 'node:assert/strict'
import { after, before, type TestContext } from 'node:test'
import { apacheJars } from './apache.ts'
import { PeerUnavailable } from './install.ts'

/** Set to run what can be run where a peer cannot be installed, rather than fail. */
const OPTIONAL = process.env.VIVARIUM_INTEROP_OPTIONAL === '1'

/** The seed of whatever is drawn at random: the same each time, unless `VIVARIUM_INTEROP_SEED` says otherwise. */
export const SEED = Number(process.env.VIVARIUM_INTEROP_SEED ?? 1)

/** What a suite has found out so far; told in one closing line when its file is through. */
export class Suite {
  #passed = 0
  #failed = 0
  readonly #name: string

  constructor(name: string) {
    this.#name = name
    before(() => {
      if (!OPTIONAL) apacheJars() // Fetched before any test's time runs.
    })
    after(() => {
      console.log(`${this.#name}: ${this.#passed} passed, ${this.#failed} failed`)
    })
  }

  /** Counts checks, and fails the test with all that is wrong. */
  report(passed: number, complaints: readonly string[]): void {
    this.#passed += passed
    this.#failed += complaints.length
    const shown = complaints.slice(0, 20)
    if (complaints.length > shown.length) shown.push(`and ${complaints.length - shown.length} more`)
    assert.equal(complaints.length, 0, `\n${shown.join('\n')}`)
  }

  /**
   * Runs a test that needs a peer. Where the peer cannot be installed the test fails and says why, unless
   * `VIVARIUM_INTEROP_OPTIONAL=1`: then it is skipped.
   */
  async withPeers(context: TestContext, body: () => Promise<void>): Promise<void> {
    try {
      await body()
    } catch (error) {
      if (!(error instanceof PeerUnavailable)) throw error
      if (OPTIONAL) {
        context.skip(error.message)
        return
      }
      this.#failed++
      throw error
    }
  }
}
