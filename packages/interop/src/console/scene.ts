import { ZooKeeper } from '@vivarium/client'
import { GroupMember, LeaderLatch, Mutex, ServiceDiscovery } from '@vivarium/client/recipes'

export const CONFIG = '/shop/config/orders'
export const LOCK = '/shop/locks/migration'
export const ELECTION = '/shop/leaders/scheduler'
export const MANY = '/shop/carts'
export const HOW_MANY = 3000

/** What somebody may have in a znode who wishes its readers ill. */
export const MARKUP = '<script>window.harmed=1</script><img src=x onerror="window.harmed=1">'
export const HOSTILE_NAMES = [
  '<img src=x onerror=window.harmed=1>',
  '"><script>window.harmed=1<',
  "';window.harmed=1;'",
  'javascript:window.harmed=1',
  '{{constructor}}',
  '%2e%2e%2fetc',
  'right\u200fto left \u05d0',
]

const SETTINGS = {
  replicas: 3,
  image: 'orders:1.4.2',
  limits: { cpu: '500m', memory: '256Mi' },
  features: ['refunds', 'gift-cards'],
  debug: false,
}

/** A shop: its settings, a lock that three want, an election, services and a group. Its sessions last until it is closed. */
export class Scene implements AsyncDisposable {
  readonly zk: ZooKeeper
  readonly #clients: ZooKeeper[]
  readonly #ends: (() => Promise<unknown>)[]

  private constructor(clients: ZooKeeper[], ends: (() => Promise<unknown>)[]) {
    this.zk = clients[0]!
    this.#clients = clients
    this.#ends = ends
  }

  static async set(servers: string): Promise<Scene> {
    const clients = await Promise.all([1, 2, 3].map(() => ZooKeeper.connect(servers)))
    const [zk, second, third] = clients as [ZooKeeper, ZooKeeper, ZooKeeper]
    const scene = new Scene(clients, [])
    await zk.ensurePath('/shop/config')
    await zk.create(CONFIG, { data: JSON.stringify(SETTINGS) })
    await zk.create('/shop/config/banner', { data: 'Free shipping\n' })
    await zk.setData('/shop/config/banner', Buffer.from('Free shipping\nfrom 50 on\n'))
    await zk.setData('/shop/config/banner', Buffer.from('Free shipping\nfrom 20 on\n'))
    await zk.create('/shop/config/logo', { data: Uint8Array.from({ length: 200 }, (_, at) => (at * 7 + 128) % 256) })
    await zk.create('/shop/config/hostile', { data: MARKUP })
    for (const name of HOSTILE_NAMES) await zk.create(`/shop/config/hostile/${name}`, { data: MARKUP })
    await zk.create(MANY)
    await Promise.all(
      Array.from({ length: HOW_MANY }, (_, at) => zk.create(`${MANY}/cart-${String(at).padStart(5, '0')}`)),
    )
    await scene.#contend(zk, second, third)
    return scene
  }

  async #contend(zk: ZooKeeper, second: ZooKeeper, third: ZooKeeper): Promise<void> {
    const ended = new AbortController()
    const lock = await new Mutex(zk, LOCK, { data: 'worker-1' }).acquire()
    const waiting = [second, third].map(async (client, at) => {
      const mutex = new Mutex(client, LOCK, { data: `worker-${at + 2}` })
      // One after the other, so that the queue is the same each time.
      await new Promise((resolve) => setImmediate(resolve))
      return await mutex.acquire({ signal: ended.signal }).catch(() => null)
    })
    const leader = new LeaderLatch(zk, ELECTION, { id: 'scheduler-a' })
    await leader.leadership()
    const latches = [leader, new LeaderLatch(second, ELECTION, { id: 'scheduler-b' })]
    const discovery = new ServiceDiscovery(zk, '/shop/services')
    await discovery.register({ name: 'payments', address: '10.0.0.7', port: 8080 })
    const member = await GroupMember.join(third, '/shop/workers', 'w1', { data: 'host-7' })
    this.#ends.push(
      async () => ended.abort(),
      () => lock.release(),
      () => Promise.all(waiting),
      ...latches.map((latch) => () => latch.close()),
      () => member.close(),
      () => discovery.close(),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) await end().catch(() => {})
    await Promise.all(this.#clients.map((client) => client.close().catch(() => {})))
  }
}
