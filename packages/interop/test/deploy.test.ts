import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  ALERT_TESTS,
  ALERTS,
  checkRules,
  type Judgement,
  MANIFESTS,
  testRules,
  UNIT,
  validateManifests,
  verifyUnit,
} from '../dist/deploy/checks.js'
import { Suite } from '../dist/suite.js'

// What is in deploy/, judged by the tools that it is for; and those tools, by what is wrong.

const suite = new Suite('deploy')

/** A file with one thing changed. */
function spoilt(context: TestContext, path: string, from: string, to: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'interop-deploy-'))
  context.after(() => rmSync(directory, { recursive: true }))
  const copy = join(directory, path.slice(path.lastIndexOf('/') + 1))
  writeFileSync(copy, readFileSync(path, 'utf8').replace(from, to))
  return copy
}

const trials: readonly (readonly [string, (path: string) => Judgement, path: string, from: string, to: string])[] = [
  ['the manifests fit the schemas of Kubernetes', validateManifests, MANIFESTS, 'maxUnavailable:', 'maxUnavailble:'],
  ['systemd takes the unit', verifyUnit, UNIT, 'Type=exec', 'Type=exe'],
  ['Prometheus takes the alerts', checkRules, ALERTS, 'vivarium_ready == 0', 'vivarium_ready == '],
]

for (const [name, judge, path, from, to] of trials) {
  test(name, (context) =>
    suite.withPeers(context, async () => {
      const { ok, said } = judge(path)
      suite.report(1, ok ? [] : [said])
      const wrong = judge(spoilt(context, path, from, to))
      suite.report(1, wrong.ok && wrong.said === said ? [`${to} is not found`] : [])
    }),
  )
}

test('the alerts fire when they should, and not otherwise', (context) =>
  suite.withPeers(context, async () => {
    const { ok, said } = testRules(ALERT_TESTS)
    suite.report(1, ok ? [] : [said])
  }))
