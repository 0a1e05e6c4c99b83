import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ForwardedRequests, LoggedTxn } from '@vivarium/core'
import { OpCode, Writer, writeTxn } from '@vivarium/protocol'
import fc from 'fast-check'

/** As it comes back from the leader. */
function txn(clientId: bigint, cxid: number): LoggedTxn {
  const writer = new Writer()
  writeTxn(writer, { clientId, cxid, zxid: 1, time: 1, type: OpCode.error, record: { err: 0 }, digest: null })
  return LoggedTxn.from(writer.finish()) as LoggedTxn
}

// The first two differ in the upper half only, and so do the last two, of which one is negative.
const SESSIONS = [0x0100_0000_0000_0001n, 0x0200_0000_0000_0001n, 0x0100_0000_0000_0002n, -0x7f00_0000_ffff_fffen]

test('a transaction is matched with the oldest request of its session, or with none', () => {
  const session = fc.constantFrom(...SESSIONS)
  const step = fc.tuple(fc.constantFrom('add', 'match'), session, fc.integer({ min: 1, max: 3 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const requests = new ForwardedRequests<number>()
      const model: { session: bigint; cxid: number; token: number }[] = []
      steps.forEach(([kind, id, cxid], token) => {
        if (kind === 'add') {
          requests.add(id, cxid, token)
          model.push({ session: id, cxid, token })
          return
        }
        const oldest = model.find(({ session }) => session === id)
        const expected = oldest?.cxid === cxid ? oldest.token : null
        if (oldest !== undefined && expected !== null) model.splice(model.indexOf(oldest), 1)
        assert.equal(requests.match(txn(id, cxid)), expected)
        assert.equal(requests.size, model.length)
      })
    }),
    { numRuns: 500 },
  )
})
