import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MultiHeader, OpCode, Operation, Reader, RequestHeader } from '@vivarium/protocol'
import { type RequestTemplate, writeNumber } from '../../dist/load/request-template.js'
import { Requests } from '../../dist/load/requests.js'

/** The request as a server reads it, with `number` in all its paths. */
function requestOf(template: RequestTemplate, xid: number, number: number): { reader: Reader; header: RequestHeader } {
  const bytes = Buffer.alloc(template.bytes.length)
  assert.equal(template.writeTo(bytes, 0, xid), bytes.length)
  for (const at of template.numbersAt) writeNumber(bytes, at, number)
  assert.equal(bytes.readInt32BE(), bytes.length - 4)
  const reader = new Reader(bytes.subarray(4))
  return { reader, header: RequestHeader.read(reader) }
}

test('requests are what a server reads', () => {
  const requests = new Requests(3)
  const data = new Uint8Array(3).fill(120)
  const get = requestOf(requests.getData(), 7, 42)
  assert.deepEqual(get.header, { xid: 7, type: OpCode.getData })
  assert.deepEqual(Operation.getData.request.read(get.reader), { path: '/bench/n00000042', watch: false })
  const set = requestOf(requests.setData(), 8, 99_999_999)
  const written = Operation.setData.request.read(set.reader)
  assert.deepEqual([written.path, Uint8Array.from(written.data!)], ['/bench/n99999999', data])
  const create = requestOf(requests.create('c'), 9, 0)
  assert.equal(Operation.create.request.read(create.reader).path, '/bench/c00000000')
  const watched = requestOf(requests.existsWatched(), 10, 1)
  assert.deepEqual(Operation.exists.request.read(watched.reader), { path: '/bench/n00000001', watch: true })
})

test('a multi has ten setData, each with a path of its own', () => {
  const { reader, header } = requestOf(new Requests(3).multi(), 1, 5)
  assert.equal(header.type, OpCode.multi)
  for (let i = 0; i < 10; i++) {
    assert.deepEqual(MultiHeader.read(reader), { type: OpCode.setData, done: false, err: -1 })
    assert.equal(Operation.setData.request.read(reader).path, '/bench/n00000005')
  }
  assert.equal(MultiHeader.read(reader).done, true)
})
