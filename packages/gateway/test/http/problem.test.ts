import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClosedError, LimitError, RequestError } from '@vivarium/client'
import { problemOf } from '../../dist/http/problem.js'

test('that a write may have been applied is told whatever it failed with, and where it is the question', () => {
  const told = (code: ConstructorParameters<typeof RequestError>[0], maybeApplied: boolean): boolean | undefined =>
    problemOf(new RequestError(code, '/a', { operation: 'setData', maybeApplied }))?.fields.maybeApplied
  assert.deepEqual(
    [told('CONNECTIONLOSS', true), told('CONNECTIONLOSS', false), told('SESSIONEXPIRED', true), told('NONODE', false)],
    [true, false, true, undefined],
  )
  assert.equal(problemOf(new ClosedError(undefined, true))?.fields.maybeApplied, true)
  const fate = { operation: 'multi', maybeApplied: true } as const
  assert.equal(problemOf(new LimitError('REPLY_TOO_LARGE', '/a', fate, 2, 1))?.fields.maybeApplied, true)
})
