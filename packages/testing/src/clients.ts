import { ZooKeeper, type ZooKeeperOptions } from '@vivarium/client'

/** Clients that the kit made, and closes. */
export class Clients {
  readonly #clients = new Set<ZooKeeper>()

  async connect(servers: string, options?: ZooKeeperOptions): Promise<ZooKeeper> {
    const zk = await ZooKeeper.connect(servers, options)
    this.#clients.add(zk)
    return zk
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients].map((zk) => zk.close()))
  }
}
