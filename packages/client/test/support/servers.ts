import { startServer } from '@vivarium/testing'
import { uuid, ZooKeeper } from '../../dist/index.js'

/**
 * Where tests find their servers: `host:port,…` of this machine, which have `extendedTypesEnabled`. Default: each test has
 * a server of its own.
 */
const GIVEN = process.env.VIVARIUM_TEST_SERVERS

/** Servers for one test, or for one file of tests, and a place in their tree. */
export interface Servers {
  /**
   * By numbers from 1 on: one of them, if there are several. What one client has written, another one at another server
   * may not see yet; tests that are not about that have all their clients at the same.
   */
  readonly ports: ReadonlyMap<number, number>
  /** The ports of all of them. */
  readonly members: ReadonlyMap<number, number>
  /** What comes after the servers in a connect string: tests that share servers have a chroot each. */
  readonly chroot: string
  /** Past all links. */
  readonly connectString: string
  close(): Promise<void>
}

/** Those of the environment, or one. */
export function serversForTest(): Promise<Servers> {
  return GIVEN === undefined ? serverOfItsOwn() : shareOf(GIVEN)
}

/** @param config lines of zoo.cfg */
export async function serverOfItsOwn(config: Readonly<Record<string, string>> = {}): Promise<Servers> {
  const server = await startServer({ config: { extendedTypesEnabled: 'true', ...config } })
  const { address: connectString, port } = server
  const ports = new Map([[1, port]])
  return { ports, members: ports, chroot: '', connectString, close: () => server.close() }
}

async function shareOf(given: string): Promise<Servers> {
  const chroot = `/${uuid({ uint32: () => Math.floor(Math.random() * 2 ** 32) })}`
  const zk = await ZooKeeper.connect(given)
  await zk.create(chroot)
  const addresses = given.split(',')
  const port = Number(zk.server?.split(':')[1])
  return {
    ports: new Map([[addresses.indexOf(`127.0.0.1:${port}`) + 1, port]]),
    members: new Map(addresses.map((address, at) => [at + 1, Number(address.split(':')[1])])),
    chroot,
    connectString: given + chroot,
    async close() {
      await zk.deleteRecursive(chroot)
      await zk.close()
    },
  }
}
