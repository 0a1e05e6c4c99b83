import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flagsOf } from '../../dist/run/run-many.js'
import type { SeedResult } from '../../dist/run/run-seed.js'
import { tellViolations } from '../../dist/run/story.js'
import { Story } from '../checkers/story.js'

const broken: SeedResult = {
  seed: 7,
  violations: [{ checker: 'durable', text: 'something is lost' }],
  trace: '',
  lines: [],
  history: new Story().told({}),
  events: 0,
}

test('of a run that broke a promise one is told how to see that very run', () => {
  const hint = (ensemble?: boolean): string =>
    tellViolations(broken, flagsOf(ensemble === undefined ? {} : { ensemble }))
  assert.match(hint(), /durable: something is lost\n {2}To see it: npm run sim -- --seed 7$/)
  assert.match(hint(true), /npm run sim -- --ensembles --seed 7$/)
  assert.match(hint(false), /npm run sim -- --standalone --seed 7$/)
})
