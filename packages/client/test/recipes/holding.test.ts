import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { State, StateChange } from '../../dist/index.js'
import { type Certainty, Holding } from '../../dist/recipes/support/holding.js'

/** A holding, and a client that is in whatever state the test says. */
function held(certainty: Certainty): { holding: Holding; come(to: State): void } {
  const listeners = new Set<(change: StateChange) => void>()
  const zk = {
    state: 'connected' as State,
    onState(listener: (change: StateChange) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const node = { zk, session: { isLive: true }, gone: new AbortController().signal, path: '/lock', czxid: 7 }
  return {
    holding: new Holding(node as never, certainty),
    come(to) {
      const previous = zk.state
      zk.state = to
      for (const listener of listeners) listener({ state: to, previous, cause: null })
    },
  }
}

for (const [certainty, state, reason] of [
  ['suspended', 'suspended', 'suspended'],
  ['suspended', 'read-only', 'read-only'],
  ['lost', 'read-only', 'read-only'],
  ['lost', 'suspended', undefined],
] as const) {
  test(`with certainty ${certainty}, in the state ${state}`, () => {
    const { holding, come } = held(certainty)
    assert.equal(holding.isHeld, true)
    come(state)
    assert.equal(holding.signal.reason?.reason, reason)
    come('connected')
    assert.equal(holding.isHeld, reason === undefined)
  })
}
