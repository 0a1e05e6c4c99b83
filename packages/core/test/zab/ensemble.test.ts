import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Violation } from './checker.ts'
import { Ensemble, type EnsembleOptions } from './ensemble.ts'
import { MUTANTS } from './mutants.ts'

/** Fewer servers find some mistakes sooner, more servers others. */
function optionsOf(seed: number, others: Partial<EnsembleOptions> = {}): EnsembleOptions {
  return { seed, participants: 3 + (seed % 3), observers: seed % 2, reconfigure: false, ...others }
}

function run(options: EnsembleOptions): Ensemble {
  const ensemble = new Ensemble(options)
  ensemble.run(1500)
  ensemble.settle()
  const { chosen } = ensemble.checker
  for (const { sid, applied } of ensemble.shells) assert.equal(applied.length, chosen.length, `server ${sid} has all`)
  return ensemble
}

for (const reconfigure of [false, true]) {
  const how = reconfigure ? ', and change their configuration,' : ''
  test(`servers that crash, lose their links and elect one another${how} keep what Zab promises`, () => {
    let chosen = 0
    let elections = 0
    let reconfigurations = 0
    for (let seed = 1; seed <= 150; seed++) {
      const { checker, elections: held } = run(optionsOf(seed, { reconfigure }))
      chosen += checker.chosen.length
      elections += held
      if (checker.config.version > 2 ** 32) reconfigurations++
    }
    // It would be easy to keep all promises by doing nothing.
    assert.ok(chosen > 3000, `${chosen} transactions`)
    assert.ok(elections > 300, `${elections} elections`)
    assert.ok(!reconfigure || reconfigurations > 40, `${reconfigurations} runs with a reconfiguration`)
  })
}

for (const { name, options, patch } of MUTANTS) {
  test(`it is noticed if ${name}`, () => {
    const undo = patch?.()
    try {
      for (let seed = 1; seed <= 600; seed++) {
        try {
          run(optionsOf(seed, options))
        } catch (error) {
          if (process.env.DEBUG_MUTANTS !== undefined) console.log(seed, (error as Error).message)
          if (error instanceof Violation) return
        }
      }
      assert.fail('600 runs went by without a violation')
    } finally {
      undo?.()
    }
  })
}
