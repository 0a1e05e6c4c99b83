import type { ServerKind } from '../server-process.ts'
import { atServers, type Outcome, runTests, type TestFailure } from './client-suites.ts'
import type { Checks } from './run-checks.ts'

/**
 * All that talk to servers. The client's other tests play the server themselves: each knows what comes next on its connection,
 * and cuts it where it is about that.
 */
const SUITES = ['live', 'recipes']

/** Recipes whose documentation says that a write may be in doubt: their tests may be told so. */
const IN_DOUBT = /(atomic-long|shared-counter|delay-queue|priority-queue|queue|work-queue)\.test\.js/

/**
 * What a test may fail with because of a cut: nobody can say what came of a write that is its own, or of such a recipe; what
 * it held is not sure any more; what it saw is not what one connection sees. Anything else is the client's or a recipe's fault.
 */
function isOfCut({ location, text }: TestFailure): boolean {
  if (/the connection to the servers is gone|asked by the test: CONNECTIONLOSS/.test(text)) return true
  if (/CONNECTIONLOSS: .*may have been applied/.test(text)) return IN_DOUBT.test(location) || /\(multi\)/.test(text)
  return /code: 'ERR_ASSERTION'/.test(text)
}

/** How often a connection is cut, on average; each time that tests are tried again: half as often, down to the last. */
const CUTS_MS = [80, 80, 160, 160, 320, 320]

/**
 * Runs the tests of the client and of recipes while the connections of all their clients are cut all the time, by a proxy of
 * the testing kit. A test that fails for what a cut does has more tries; one that fails otherwise, or hangs, has failed. (Tests that are about
 * one connection say themselves why they are left out: `underCuts`.)
 */
export async function runSuitesUnderCuts(kind: ServerKind, size: number): Promise<Checks> {
  const checks: Checks = { passed: [], failed: [] }
  await atServers(kind, size, async (servers) => {
    let again: TestFailure[] | null = null
    for (const cutsMs of CUTS_MS) {
      const env = { VIVARIUM_TEST_SERVERS: servers, VIVARIUM_TEST_CUTS_MS: String(cutsMs) }
      const { passed, failures }: Outcome = await runTests({ suites: SUITES, env, again })
      checks.passed.push(...passed)
      checks.failed.push(...failures.filter((failure) => !isOfCut(failure)).map(({ text }) => text))
      again = failures.filter(isOfCut)
      if (again.length === 0) return
    }
    checks.failed.push(...(again ?? []).map(({ text }) => `It has failed ${CUTS_MS.length} times.\n${text}`))
  })
  return checks
}
