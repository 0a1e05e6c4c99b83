import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ensemble, type EnsembleOptions } from './ensemble.ts'

export function runSeed(options: EnsembleOptions, steps = 1500): Ensemble {
  const ensemble = new Ensemble(options)
  ensemble.run(steps)
  ensemble.settle()
  const { chosen } = ensemble.checker
  for (const { sid, applied } of ensemble.shells) assert.equal(applied.length, chosen.length, `server ${sid} has all`)
  return ensemble
}

test('servers that crash, lose their links and elect one another keep what Zab promises', () => {
  let chosen = 0
  let elections = 0
  for (let seed = 1; seed <= 60; seed++) {
    const ensemble = runSeed({ seed, participants: 3 + (seed % 3), observers: seed % 2, reconfigure: false })
    chosen += ensemble.checker.chosen.length
    elections += ensemble.elections
  }
  console.log({ chosen, elections })
})
