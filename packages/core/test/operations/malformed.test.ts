import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ACL, OPEN_ACL_UNSAFE, OpCode, type OperationName, Writer } from '@vivarium/protocol'
import { create, createTTL, encode, setData } from '../pipeline/client.ts'
import { TestServer } from '../pipeline/server.ts'

const acl = (perms: number, scheme: string | null, id: string | null): ACL => ({ perms, id: { scheme, id } })

test('a body that ends too soon is answered with MARSHALLINGERROR, and leaves no trace', () => {
  const requests: [OperationName, unknown][] = [
    ['create', create('/x')],
    ['create2', create('/x', { acl: [acl(31, 'ip', '10.0.0.1')] })],
    ['createTTL', createTTL('/x', 5, 9)],
    ['createContainer', create('/x')],
    ['delete', { path: '/a', version: 0 }],
    ['setData', setData('/a', 'abc', 0)],
    ['setACL', { path: '/a', acl: OPEN_ACL_UNSAFE, version: 0 }],
  ]
  const server = new TestServer()
  const client = server.client()
  for (const [name, request] of requests) {
    const whole = encode(name, request)
    for (let length = 0; length < whole.length; length++) {
      assert.equal(client.askBytes(OpCode[name], whole.subarray(0, length)).code, 'MARSHALLINGERROR')
    }
  }
  assert.equal(server.log.length, 1, 'only the session')
})

test('lengths and counts that cannot be, and null paths, are answered with MARSHALLINGERROR', () => {
  const client = new TestServer().client()
  const body = (write: (writer: Writer) => void): Uint8Array => {
    const writer = new Writer()
    write(writer)
    return writer.finish()
  }
  const bodies = [
    body((w) => w.string(null)),
    body((w) => w.int(-2)),
    body((w) => w.int(0x7fff_ffff)),
    body((w) => {
      w.string('/a')
      w.int(-2)
    }),
    body((w) => {
      w.string('/a')
      w.int(0x7fff_ffff)
    }),
    body((w) => {
      w.string('/a')
      w.buffer(null)
      w.int(0x7fff_ffff)
    }),
  ]
  for (const [i, bytes] of bodies.entries()) {
    // Two integers behind the path are all that some need, and one is all that a delete does.
    const opcodes: number[] = [OpCode.create, OpCode.createTTL]
    if (i < 5) opcodes.push(OpCode.setData, OpCode.setACL)
    if (i < 3) opcodes.push(OpCode.delete)
    for (const opcode of opcodes) {
      assert.equal(client.askBytes(opcode, bytes).code, 'MARSHALLINGERROR')
    }
  }
})

test('what follows a request in its frame is ignored', () => {
  const client = new TestServer().client()
  const whole = encode('create', create('/a'))
  const longer = new Uint8Array(whole.length + 5)
  longer.set(whole)
  assert.equal(client.askBytes(OpCode.create, longer).code, 'OK')
})
