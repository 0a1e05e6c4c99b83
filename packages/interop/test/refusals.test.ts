import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ByteWriter } from '../dist/bytes.js'
import { Op } from '../dist/opcodes.js'
import { RawClient } from '../dist/raw-client.js'
import { createBody, OPEN_ACL } from '../dist/records.js'
import { ServerProcess, VIVARIUM } from '../dist/server-process.js'

// What Vivarium refuses where Apache does not: no comparison is possible, so these say what is to happen.

let server: ServerProcess
let witness: RawClient

before(async () => {
  server = await ServerProcess.start(VIVARIUM, { config: { extendedTypesEnabled: 'true', forceSync: 'no' } })
  witness = await RawClient.connect(server.port)
})

after(async () => {
  await witness.close()
  await server.dispose()
})

test('deleteContainer is not for clients', async () => {
  await witness.create('/kept')
  const client = await RawClient.connect(server.port)
  const reply = await client.call(Op.deleteContainer, new ByteWriter().string('/kept').take())
  assert.equal(reply.errno, -6)
  await client.closed
  assert.notEqual(await witness.exists('/kept'), null)
})

test('createSession is not for clients', async () => {
  const client = await RawClient.connect(server.port)
  const reply = await client.call(Op.createSession, new ByteWriter().int(30_000).take())
  assert.equal(reply.errno, -6)
  await client.closed
  await witness.ping()
})

test('a negative lifetime goes with no flag', async () => {
  for (const flags of [0, 1, 2, 3, 4, 5, 6]) {
    const body = createBody(`/lifetime-${flags}`, null, OPEN_ACL, flags, -7)
    assert.equal((await witness.call(Op.createTtl, body)).errno, -8, `with flags ${flags}`)
    assert.equal(await witness.exists(`/lifetime-${flags}`), null)
  }
})
