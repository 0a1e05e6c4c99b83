import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ZooKeeper, ZooKeeperOptions } from '@vivarium/client'
import { Clients } from './clients.ts'
import { freePort } from './network/free-port.ts'
import { Link } from './network/link.ts'
import { kindOf, type StartOptions, TEST_CONFIG } from './options.ts'
import { expireSession, type WhichSession } from './sessions/expire.ts'
import { TestServer, type TestServerOptions } from './test-server.ts'

/** A server that stands alone, with a link for its clients. All of it goes away with {@link close}. */
export class SingleServer extends TestServer implements AsyncDisposable {
  /** The way of all clients that have no other. */
  readonly link: Link
  readonly #clients = new Clients()
  readonly #links: Link[]

  /** For `startServer`. */
  constructor(options: TestServerOptions, link: Link) {
    super(options)
    this.link = link
    this.#links = [link]
  }

  /** What clients connect to: over {@link link}. */
  get connectString(): string {
    return this.link.connectString
  }

  /** A client on {@link link}, which is closed with the server. */
  connect(options?: ZooKeeperOptions): Promise<ZooKeeper> {
    return this.#clients.connect(this.connectString, options)
  }

  /** Another way to the server, for clients with a fate of their own. */
  async newLink(): Promise<Link> {
    const link = await Link.start(new Map([[this.sid, this.port]]))
    this.#links.push(link)
    return link
  }

  /** Ends a session, wherever its client is, as its expiry does. Resolves once it is gone; given a client, once that knows. */
  expire(which: WhichSession): Promise<void> {
    return expireSession(this.address, which)
  }

  override async kill(): Promise<void> {
    this.link.cut()
    await super.kill()
  }

  /** Closes the kit's clients, ends the server, and removes its data. */
  async close(): Promise<void> {
    await this.#clients.close()
    await this.dispose()
    await Promise.all(this.#links.map((link) => link.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/**
 * Starts a server that stands alone, on ports and in a directory of its own. Resolves once it serves.
 *
 * @example
 * await using server = await startServer()
 * const zk = await server.connect()
 * await zk.create('/hello')
 * await server.expire(zk) // And see what the program under test makes of it.
 */
export async function startServer(options: StartOptions = {}): Promise<SingleServer> {
  const { config = {}, system = {} } = options
  const kind = kindOf(options)
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-test-'))
  const port = await freePort()
  const link = await Link.start(new Map([[1, port]]))
  const place = { directory, port, config: { ...TEST_CONFIG, ...config } }
  const server = new SingleServer({ sid: 1, kind, system, ...place }, link)
  try {
    await server.start()
    await server.serving()
    return server
  } catch (error) {
    await server.close()
    throw error
  }
}
