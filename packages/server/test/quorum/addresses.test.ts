import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Clock, Listener, Network, Socket, Timer } from '@vivarium/env'
import { connectToAny } from '../../dist/quorum/connect-to-any.js'
import { create } from '../protocol/requests.ts'
import { CLIENT_PORT, TestEnsemble } from './ensemble.ts'

const timedOut = (host: string): Error => Object.assign(new Error(`ETIMEDOUT ${host}`), { code: 'ETIMEDOUT' })

/** Members that are on two networks, `a` and `b`: the one of `s1a` is not the one of `s1b`. */
class TwoNetworks {
  readonly ensemble: TestEnsemble
  /** What a name stands for, where that is not itself. */
  readonly names = new Map<string, string>()
  readonly #down = new Set<string>()

  constructor(t: TestContext, settings = {}) {
    const ensemble = new TestEnsemble(3, { multiAddressEnabled: true, ...settings }, 0, '', (sid) => {
      return `s${sid}a:2888:3888|s${sid}b:2888:3888`
    })
    this.ensemble = ensemble
    ensemble.networkOf = (sid) => this.#seenBy(sid)
    t.after(async () => {
      for (const sid of ensemble.running) await ensemble.stop(sid)
    })
  }

  /** Nothing gets through any more, and nobody is told. */
  breakDown(network: 'a' | 'b'): void {
    this.#down.add(network)
    for (const one of this.ensemble.sids) {
      for (const other of this.ensemble.sids) this.ensemble.network.cut(`s${one}${network}`, `s${other}${network}`)
    }
  }

  repair(network: 'a' | 'b'): void {
    this.#down.delete(network)
    for (const one of this.ensemble.sids) {
      for (const other of this.ensemble.sids) this.ensemble.network.join(`s${one}${network}`, `s${other}${network}`)
    }
  }

  #seenBy(sid: number): Network {
    const { network, clock } = this.ensemble
    return {
      listen: (options, accept): Promise<Listener> => network.host(options.host ?? `s${sid}`).listen(options, accept),
      connect: (options, handler): Promise<Socket> => {
        const host = this.names.get(options.host) ?? options.host
        const own = `s${sid}${host.at(-1)}`
        return new Promise((resolve, reject) => {
          clock.after(options.timeoutMs, () => reject(timedOut(host)))
          if (!this.#down.has(host.at(-1) as string)) {
            network
              .host(own)
              .connect({ ...options, host }, handler)
              .then(resolve, reject)
          }
        })
      },
    }
  }
}

test('members with two addresses find one another over the network that works', async (t) => {
  const networks = new TwoNetworks(t)
  const { ensemble } = networks
  networks.breakDown('a')
  await ensemble.start(1, 2, 3)
  assert.equal(await ensemble.settled(), 3)
  const client = await ensemble.client(1)
  await ensemble.run(client.do('create', create('/over-b')))
  await ensemble.assertEqual()
})

test('members that start later than others are found at once, although a network is gone', async (t) => {
  const networks = new TwoNetworks(t)
  const { ensemble } = networks
  networks.breakDown('a')
  for (const sid of [3, 1, 2]) {
    await ensemble.start(sid)
    const startedMs = ensemble.clock.monotonicMs()
    // Whoever runs already has called by now, where nobody listened yet, and waits for a network that does not answer.
    if (sid === 3) await ensemble.pass(1000)
    else {
      await ensemble.settled()
      const tookMs = ensemble.clock.monotonicMs() - startedMs
      assert.ok(tookMs < 2000, `server ${sid} needed ${tookMs} ms`)
    }
  }
})

test('when a network breaks down in service, the members go on over the other one', async (t) => {
  const networks = new TwoNetworks(t)
  const { ensemble } = networks
  await ensemble.start(1, 2, 3)
  await ensemble.settled()
  const client = await ensemble.client(1)
  await ensemble.run(client.do('create', create('/before')))
  for (const [down, up] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    networks.breakDown(down)
    await ensemble.until(() => !ensemble.running.every((sid) => ensemble.server(sid).serving))
    await ensemble.settled()
    const again = await ensemble.client(1, client.session)
    assert.equal(again.session.sessionId, client.session.sessionId)
    await ensemble.run(again.do('create', create(`/over-${up}`)))
    await ensemble.assertEqual()
    networks.repair(down)
  }
})

test('a name is looked up each time that it is called', async (t) => {
  const networks = new TwoNetworks(t, { multiAddressEnabled: false })
  const { ensemble, names } = networks
  // Each is known by one name only, which stands for its address in the network a at first.
  for (const member of ensemble.quorum.members.values()) {
    const [first] = member.addresses
    Object.assign(member, { addresses: [first] })
  }
  await ensemble.start(1, 2, 3)
  await ensemble.settled()
  await ensemble.stop(3)
  assert.equal(await ensemble.settled(), 2)
  // Server 3 comes back at another address. Nobody else is started again.
  const elsewhere = networks.ensemble.networkOf
  ensemble.networkOf = (sid) => {
    const network = elsewhere(sid)
    if (sid !== 3) return network
    return {
      ...network,
      listen: (options, accept) =>
        network.listen(options.port === CLIENT_PORT ? options : { ...options, host: 's3b' }, accept),
    }
  }
  names.set('s3a', 's3b')
  await ensemble.start(3)
  await ensemble.settled()
  await ensemble.stop(2)
  assert.equal(await ensemble.settled([1, 3]), 3, 'server 1 follows it there')
  await ensemble.run((await ensemble.client(1)).do('create', create('/moved')))
})

test('one of the own addresses that cannot be had is no hindrance; none at all is', async (t) => {
  const networks = new TwoNetworks(t)
  const { ensemble } = networks
  const seen = ensemble.networkOf
  let missing = /a$/
  ensemble.networkOf = (sid) => {
    const network = seen(sid)
    return {
      ...network,
      listen: (options, accept) =>
        missing.test(options.host ?? '')
          ? Promise.reject(Object.assign(new Error('EADDRNOTAVAIL'), { code: 'EADDRNOTAVAIL' }))
          : network.listen(options, accept),
    }
  }
  await ensemble.start(1, 2)
  assert.equal(await ensemble.settled([1, 2]), 2)
  missing = /[ab]$/
  await assert.rejects(ensemble.start(3), /Cannot listen for the other members on s3a:3888, s3b:3888: EADDRNOTAVAIL/)
})

test('of several addresses the first that answers is taken, and the others are let go', async () => {
  const timers: (() => void)[] = []
  const after = (_ms: number, run: () => void): Timer => {
    timers.push(run)
    return { cancel() {} }
  }
  const clock = { after } as unknown as Clock
  const calls = new Map<string, { resolve: (socket: Socket) => void; reject: (error: Error) => void }>()
  const network = {
    connect: ({ host }: { host: string }) =>
      new Promise<Socket>((resolve, reject) => {
        calls.set(host, { resolve, reject })
      }),
  } as unknown as Network
  const destroyed: string[] = []
  const socket = (host: string): Socket =>
    ({ remoteAddress: host, destroy: () => destroyed.push(host) }) as unknown as Socket
  const handler = { data() {}, drained() {}, closed() {} }
  const addresses = ['x', 'y', 'z'].map((host) => ({ host, port: 1 }))
  const connected = connectToAny({ clock, network }, addresses, 1000, handler)
  assert.deepEqual([...calls.keys()], ['x'])
  timers.shift()?.()
  assert.deepEqual([...calls.keys()], ['x', 'y'], 'x is slow')
  calls.get('y')?.reject(new Error('nobody there'))
  await Promise.resolve()
  await Promise.resolve()
  assert.deepEqual([...calls.keys()], ['x', 'y', 'z'])
  calls.get('z')?.resolve(socket('z'))
  assert.equal((await connected).remoteAddress, 'z')
  calls.get('x')?.resolve(socket('x'))
  await Promise.resolve()
  await Promise.resolve()
  assert.deepEqual(destroyed, ['x'])

  calls.clear()
  const none = connectToAny({ clock, network }, addresses, 1000, handler)
  for (const host of ['x', 'y', 'z']) {
    calls.get(host)?.reject(new Error(host))
    await Promise.resolve()
    await Promise.resolve()
  }
  await assert.rejects(none, /z/)
})

test('while one address gives no answer, those that refused are tried again', async () => {
  const timers: (() => void)[] = []
  const after = (_ms: number, run: () => void): Timer => {
    timers.push(run)
    return { cancel: () => timers.splice(timers.indexOf(run), 1) }
  }
  const clock = { after } as unknown as Clock
  const calls: { host: string; resolve: (socket: Socket) => void; reject: (error: Error) => void }[] = []
  const network = {
    connect: ({ host }: { host: string }) => {
      return new Promise<Socket>((resolve, reject) => calls.push({ host, resolve, reject }))
    },
  } as unknown as Network
  const handler = { data() {}, drained() {}, closed() {} }
  const addresses = ['silent', 'late'].map((host) => ({ host, port: 1 }))
  const refused = async (at: number): Promise<void> => {
    calls[at]?.reject(new Error('refused'))
    await new Promise(setImmediate)
  }
  const connected = connectToAny({ clock, network }, addresses, 1000, handler)
  for (let at = 1; at < 4; at++) {
    timers.pop()?.()
    assert.equal(calls[at]?.host, 'late')
    await refused(at)
  }
  timers.pop()?.()
  calls[4]?.resolve({ remoteAddress: 'late' } as unknown as Socket)
  assert.equal((await connected).remoteAddress, 'late')
  assert.equal(timers.length, 0, 'nothing more is tried')

  const first = calls.length
  const none = assert.rejects(connectToAny({ clock, network }, addresses, 1000, handler), /refused/)
  timers.pop()?.()
  await refused(first + 1)
  timers.pop()?.()
  await refused(first)
  await none
  assert.equal(timers.length, 0)
})
