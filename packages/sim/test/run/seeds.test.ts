import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAULTS } from '../../dist/faults/index.js'
import { MUTANTS } from '../../dist/mutants/mutants.js'
import { reportSeed, runMany, type SeedReport } from '../../dist/run/run-many.js'
import { runSeed } from '../../dist/run/run-seed.js'
import { PAIR } from '../../dist/world/random-config.js'

const SEEDS = 20

test(`seeds 1 to ${SEEDS} break no promise, and do not idle`, async () => {
  const reports: SeedReport[] = []
  await runMany({ from: 1, count: SEEDS, jobs: 1, script: '' }, (report) => reports.push(report))
  assert.deepEqual(
    reports.flatMap(({ violations }) => violations ?? []),
    [],
  )
  const requests = reports.reduce((sum, report) => sum + report.requests, 0)
  assert.ok(requests > 100 * SEEDS, `${requests} requests`)
})

for (const ensemble of [false, true]) {
  test(`the same seed is the same run ${ensemble ? 'of an ensemble' : 'of one server'}`, async () => {
    const first = await reportSeed(7, { ensemble })
    assert.equal((await reportSeed(7, { ensemble })).trace, first.trace)
    assert.notEqual((await reportSeed(8, { ensemble })).trace, first.trace)
  })
}

test('members of ensembles change, whatever else goes on', async () => {
  let changes = 0
  for (let seed = 201; seed <= 212; seed++) {
    const { violations, history } = await runSeed(seed, { ensemble: true })
    assert.deepEqual(violations, [], `seed ${seed}`)
    changes += history.operations.filter(({ request, answer }) => {
      return request.kind === 'reconfig' && answer?.result.err === 0
    }).length
  }
  assert.ok(changes > 10, `${changes} changes`)
})

test('one of two voters goes on where an oracle lets it', async () => {
  let alone = 0
  for (let seed = 221; seed <= 226; seed++) {
    const { violations, lines } = await runSeed(seed, { ensemble: true, size: PAIR, keepTrace: true })
    assert.deepEqual(violations, [], `seed ${seed}`)
    alone += lines.filter(({ text }) => text.startsWith('the oracle is for')).length
  }
  assert.ok(alone > 6, `${alone} times`)
})

test('a write that a killed server left in the cache is on the disk before it counts', async () => {
  const faults = FAULTS.filter(({ name }) => name === 'write in cache')
  const unsynced = MUTANTS.find(({ name }) => name === 'recovered log not synced')?.mutation
  let noticed = 0
  for (let seed = 1; seed <= 5; seed++) {
    const { violations } = await runSeed(seed, { faults, ensemble: false })
    assert.deepEqual(violations, [])
    if ((await runSeed(seed, { faults, mutation: unsynced!, ensemble: false })).violations.length > 0) noticed++
  }
  assert.ok(noticed > 0)
})
