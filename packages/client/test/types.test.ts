import test from 'node:test'
import { ArgumentError, type Created, type Data, KeeperError, Op, type Stat, ZooKeeper } from '../dist/index.js'

/** Whether two types are the same, not only assignable to each other. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Compiles if they are. */
const same = <A, B>(_: Same<A, B>): void => {}

// What is here is not run: that it compiles is the test.
const zk = null as unknown as ZooKeeper

async function results(): Promise<void> {
  same<Awaited<ReturnType<typeof zk.exists>>, Stat | null>(true)
  same<Awaited<ReturnType<typeof zk.getData>>, Data>(true)
  const [created, changed, checked, gone] = await zk.multi([
    Op.create('/a'),
    Op.setData('/b', 'x', { version: 1 }),
    Op.check('/c'),
    Op.delete('/d'),
  ])
  same<typeof created, Created>(true)
  same<typeof changed, Stat>(true)
  same<typeof checked, null>(true)
  same<typeof gone, null>(true)
  const [data, names] = await zk.multiRead([Op.getData('/a'), Op.getChildren('/a')])
  same<typeof data, Data | KeeperError>(true)
  same<typeof names, string[] | KeeperError>(true)
  // @ts-expect-error a read has no place among writes
  await zk.multi([Op.getData('/a')])
  // @ts-expect-error nor a write among reads
  await zk.multiRead([Op.delete('/a')])
}

async function requests(): Promise<void> {
  await zk.create('/a', { data: Buffer.from('x'), mode: 'EPHEMERAL_SEQUENTIAL', protect: true })
  await zk.create('/a', { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1000, signal: AbortSignal.timeout(10) })
  // @ts-expect-error there is no such mode
  await zk.create('/a', { mode: 'TEMPORARY' })
  // @ts-expect-error versions are numbers
  await zk.setData('/a', 'x', { version: '1' })
  // @ts-expect-error data are bytes or text
  await zk.setData('/a', { some: 'object' })
  await using other = await ZooKeeper.connect('h:2181', {
    sessionTimeoutMs: 1000,
    auth: [{ scheme: 'digest', auth: 'u:p' }],
  })
  same<typeof other.state, 'connecting' | 'connected' | 'read-only' | 'suspended' | 'lost' | 'closed'>(true)
}

function errors(error: unknown): void {
  if (KeeperError.is(error, 'NONODE', 'BADVERSION')) same<typeof error.code, 'NONODE' | 'BADVERSION'>(true)
  // @ts-expect-error there is no such code
  if (KeeperError.is(error, 'NO_NODE')) return
  if (error instanceof ArgumentError) same<typeof error.code, 'BAD_ARGUMENT'>(true)
}

async function streams(): Promise<void> {
  for await (const event of zk.watch('/a', { recursive: true })) {
    // @ts-expect-error one has to ask whether something may have been missed
    event.path
    if (event.type === 'resync') same<typeof event.reason, string>(false)
    else same<typeof event.path, string>(true)
  }
}

test('types say what is brought, and refuse what cannot be meant', () => {
  for (const compiled of [results, requests, errors, streams]) void compiled
})
