import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errno, OpCode } from '@vivarium/protocol'
import { linearizable } from '../../dist/checkers/linearizable.js'
import { readOnly } from '../../dist/checkers/read-only.js'
import type { Operation } from '../../dist/workloads/history.js'
import type { Request, Result } from '../../dist/workloads/requests.js'
import { Story } from './story.ts'

const NOT_READ_ONLY = errno('NOTREADONLY')
const READ: Request = { kind: 'getChildren', path: '/', watch: false }
const NAMES = { err: 0, names: ['zookeeper'] }

function glimpse(request: Request, result: Result, zxid = 0): Operation {
  const answer = { ms: 1, zxid, result }
  const asked = { client: 'the onlooker', sessionId: 9n, xid: 1, connection: -1, request, identities: [] }
  return { ...asked, id: -1, invokedMs: 0, floorZxid: 0, answer }
}

const found = (glimpses: Operation[], story = new Story()): string =>
  [readOnly, linearizable].flatMap(({ check }) => check(story.told({ glimpses, ensemble: true }))).join()

test('a member that is cut off refuses what it would have to ask others about, and nothing else', () => {
  const write: Request = { kind: 'setData', path: '/', data: 'x', version: -1 }
  const sync: Request = { kind: 'sync', path: '/' }
  const refused = { err: NOT_READ_ONLY }
  assert.equal(found([glimpse(write, refused), glimpse(sync, refused), glimpse(READ, NAMES)]), '')
  for (const request of [write, sync]) {
    assert.match(found([glimpse(request, { err: 0 })]), /was answered {"err":0} .* by a server that is cut off/)
  }
  assert.match(found([glimpse(READ, refused)]), /was answered {"err":-119}/)
})

test('of a session that begins there, nothing comes into a log', () => {
  const story = new Story()
  story.logs({ type: OpCode.createSession, clientId: 9n, cxid: 0, record: { timeOut: 1000 } })
  assert.match(found([glimpse(READ, NAMES, 1)], story), /zxid 1 is of session 0x9/)
})

test('what it answers was there once, if the others ever agreed on it', () => {
  const wrong = { err: 0, names: ['a', 'zookeeper'] }
  assert.match(found([glimpse(READ, wrong)]), /was answered .* where the model has/)
  assert.equal(found([glimpse(READ, wrong, 7)]), '')
})
