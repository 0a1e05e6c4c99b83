import { digestId } from '../differential/digest-id.ts'
import { SUPER_USER } from '../differential/vocabulary.ts'
import { Op } from '../opcodes.ts'
import { ConnectionLost, RawClient } from '../raw-client.ts'
import { createBody, OPEN_ACL, setDataBody, versionedBody } from '../records.ts'

const BOB = { perms: 31, scheme: 'digest', id: digestId('bob:secret') }
const READERS = { perms: 1, scheme: 'world', id: 'anyone' }

/** Outlasts the test, restarts included: its ephemerals are to be found again. */
const LONG_MS = 500_000

/**
 * Makes one of everything a data directory can hold, below `/<name>`: every kind of znode, data from null to large,
 * lists, quotas, versions that have moved, children that have gone, and ephemerals of a session that stays.
 */
export async function populate(port: number, name: string): Promise<void> {
  const client = await RawClient.connect(port, { timeoutMs: LONG_MS })
  const root = `/${name}`
  await client.create(root, Buffer.from('root'))
  await data(client, `${root}/data`)
  await kinds(client, `${root}/kinds`)
  await lists(client, `${root}/lists`)
  await quotas(client, root)
  await changes(client, `${root}/changes`)
  await refusals(client, root)
  client.destroy() // Not closed: the session and its ephemerals stay.
  const closing = await RawClient.connect(port)
  await closing.create(`${root}/gone`, null, { flags: 1 })
  await closing.create(`${root}/gone-too`, null, { flags: 1 })
  await closing.close()
}

async function data(client: RawClient, at: string): Promise<void> {
  await client.create(at, null)
  await client.create(`${at}/null`, null)
  await client.create(`${at}/empty`, Buffer.alloc(0))
  await client.create(`${at}/large`, Buffer.alloc(600_000, 'large '))
  await client.create(`${at}/binary`, Buffer.from([0, 255, 128, 10]))
  await client.create(`${at}/Grüße-世界-${'n'.repeat(200)}`, Buffer.from('значение'))
  await client.create(`${at}/a b\u00a0c`, Buffer.from('spaces'))
  await client.setData(`${at}/binary`, null)
}

async function kinds(client: RawClient, at: string): Promise<void> {
  await client.create(at)
  await client.create(`${at}/ephemeral`, Buffer.from('e'), { flags: 1 })
  for (let i = 0; i < 3; i++) await client.create(`${at}/n-`, null, { flags: 2 })
  await client.create(`${at}/n-`, null, { flags: 3 })
  await client.delete(`${at}/n-0000000001`)
  await client.create(`${at}/container`, null, { flags: 4, op: Op.createContainer })
  await client.create(`${at}/container/child`)
  await client.create(`${at}/ttl`, Buffer.from('t'), { flags: 5, ttlMs: 900_000 })
  await client.create(`${at}/ttl-`, Buffer.from('t'), { flags: 6, ttlMs: 0xffffffffff })
  await client.create(`${at}/two`, null, { op: Op.create2 })
}

async function lists(client: RawClient, at: string): Promise<void> {
  await client.create(at)
  await client.create(`${at}/bobs`, Buffer.from('hidden'), { acl: [BOB] })
  await client.create(`${at}/many`, null, { acl: [READERS, BOB, { perms: 5, scheme: 'ip', id: '127.0.0.0/8' }] })
  await client.create(`${at}/changed`)
  await client.setAcl(`${at}/changed`, [READERS, { perms: 30, scheme: 'world', id: 'anyone' }])
  await client.setAcl(`${at}/changed`, [READERS, { perms: 26, scheme: 'world', id: 'anyone' }], 1)
  await client.create(`${at}/nothing`, null, { acl: [{ perms: 0, scheme: 'world', id: 'anyone' }] })
}

async function quotas(client: RawClient, root: string): Promise<void> {
  await client.create(`${root}/quota`)
  const quota = `/zookeeper/quota${root}`
  for (const path of [quota, `${quota}/quota`]) await client.create(path)
  const limits = Buffer.from('count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=1000')
  await client.create(`${quota}/quota/zookeeper_limits`, limits)
  await client.create(`${quota}/quota/zookeeper_stats`, Buffer.from('count=0,bytes=0'))
  for (const child of ['a', 'b']) await client.create(`${root}/quota/${child}`, Buffer.from('counted'))
}

async function changes(client: RawClient, at: string): Promise<void> {
  await client.create(at)
  for (let i = 0; i < 50; i++) await client.create(`${at}/${i}`, Buffer.from(String(i)))
  for (let i = 0; i < 50; i += 3) await client.setData(`${at}/${i}`, Buffer.from(`changed ${i}`))
  for (let i = 0; i < 50; i += 4) await client.delete(`${at}/${i}`)
  await client.multi([
    { op: Op.create, body: createBody(`${at}/multi`, Buffer.from('m'), OPEN_ACL, 0) },
    { op: Op.create2, body: createBody(`${at}/multi/n-`, null, OPEN_ACL, 2) },
    { op: Op.check, body: versionedBody(`${at}/multi`, 0) },
    { op: Op.setData, body: setDataBody(`${at}/multi`, Buffer.from('changed'), 0) },
    { op: Op.createContainer, body: createBody(`${at}/multi/container`, null, OPEN_ACL, 4) },
    { op: Op.createTtl, body: createBody(`${at}/multi/ttl`, null, OPEN_ACL, 5, 900_000) },
    { op: Op.delete, body: versionedBody(`${at}/1`, -1) },
  ])
}

/** Writes that fail leave a transaction in the log. */
async function refusals(client: RawClient, root: string): Promise<void> {
  await client.call(Op.create, createBody(root, null, OPEN_ACL, 0))
  await client.call(Op.delete, versionedBody(root, -1))
  await client.call(Op.setData, setDataBody(`${root}/none`, null, -1))
  await client.multi([{ op: Op.delete, body: versionedBody(root, -1) }]).catch(() => {})
}

/** Begins to write as fast as it can; resolves, once that has begun, with what waits for the end of the connection. */
export async function beginToWrite(port: number, name: string): Promise<() => Promise<void>> {
  const client = await RawClient.connect(port, { timeoutMs: LONG_MS })
  await client.addAuth('digest', SUPER_USER)
  await client.create(`/${name}`)
  const lanes = Array.from({ length: 24 }, async (_, lane) => {
    for (let i = 0; ; i++) {
      const path = `/${name}/${lane}-${i}`
      await client.create(path, Buffer.alloc(i % 300, 'x'), { flags: i % 7 === 0 ? 1 : 0 })
      if (i % 2 === 0) await client.setData(path, Buffer.from('again'))
      if (i % 5 === 0) await client.delete(path)
    }
  })
  const ended = lanes.map((lane) =>
    lane.catch((error: unknown) => {
      if (!(error instanceof ConnectionLost)) throw error
    }),
  )
  return async () => void (await Promise.all(ended))
}
