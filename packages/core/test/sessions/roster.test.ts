import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Place, Roster } from '@vivarium/core'
import fc from 'fast-check'

test('a roster has what a Set of the same values would have, in the same order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), (steps) => {
      const roster = new Roster<number>()
      const places = new Map<number, Place<number>>()
      for (const value of steps) {
        const place = places.get(value)
        if (place === undefined) places.set(value, roster.add(value))
        else {
          roster.remove(place)
          places.delete(value)
        }
        assert.deepEqual(roster.values(), [...places.keys()])
        assert.equal(roster.size, places.size)
        assert.equal(roster.first?.value, [...places.keys()][0])
      }
    }),
  )
})

test('a place that was taken out refers to no other', () => {
  const roster = new Roster<string>()
  const places = ['a', 'b', 'c'].map((value) => roster.add(value))
  for (const place of places) {
    roster.remove(place)
    assert.deepEqual([place.previous, place.next], [null, null])
  }
  assert.equal(roster.first, null)
})
