import type { IncomingMessage, ServerResponse } from 'node:http'
import { ChildPages } from './children/child-pages.ts'
import { ClientPool } from './clients/client-pool.ts'
import { LeaseTable } from './clients/lease-table.ts'
import { ConsoleFiles } from './console/console-files.ts'
import type { Context } from './context.ts'
import { EventHub } from './events/event-hub.ts'
import { type GatewayOptions, settingsOf } from './gateway-options.ts'
import type { App } from './http/type-provider.ts'

/** An HTTP API before ZooKeeper servers: to be mounted on some HTTP server. */
export interface Gateway extends AsyncDisposable {
  /** Answers a request if it is for the gateway: `/api/…`, `/console/…`, and `/`, which leads to the console. */
  handle(request: IncomingMessage, response: ServerResponse): boolean
  /** Loads the API, which is loaded with the first request for it otherwise. */
  load(): Promise<void>
  /** Ends streams, sessions and connections to the servers. */
  close(): Promise<void>
}

/**
 * A gateway, without a port of its own.
 *
 * @throws {ArgumentError} for servers that cannot be meant
 * @example
 * const gateway = await createGateway({ servers: 'zk1:2181,zk2:2181' })
 * createServer((request, response) => {
 *   if (!gateway.handle(request, response)) response.writeHead(404).end()
 * })
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const settings = settingsOf(options)
  const { limits, clock, servers, client } = settings
  const pool = new ClientPool({
    servers,
    client,
    clock,
    mostClients: limits.identities,
    idleMs: limits.identityIdleMs,
  })
  const leases = new LeaseTable((credentials, how) => pool.open(credentials, how), clock, limits.sessions)
  const events = new EventHub(pool, clock, limits)
  const { namesInProcess: inProcess } = settings
  const pages = new ChildPages({ mostBytes: limits.rememberedBytes, clock, inProcess })
  const context: Context = { settings, pool, leases, events, pages }
  const files = await ConsoleFiles.open(settings.consoleDirectory)
  // Servers that cannot be meant are an error at once; others are being connected to when the first caller comes.
  pool.release(pool.acquire(null))
  let loading: Promise<App> | null = null
  const app = (): Promise<App> => {
    loading ??= import('./app.ts').then(({ createApp }) => createApp(context))
    return loading
  }
  const handle = (request: IncomingMessage, response: ServerResponse): boolean => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path !== '/api' && !path.startsWith('/api/')) return files?.answer(path, request, response) ?? false
    // The console is shown before what it asks for is there.
    app().then(
      ({ routing }) => routing(request, response),
      (error: unknown) => response.destroy(error as Error),
    )
    return true
  }
  const close = async (): Promise<void> => {
    const loaded = await loading?.catch(() => null)
    await loaded?.close()
    await events.close()
    await leases.close()
    await pool.close()
  }
  const load = async (): Promise<void> => void (await app())
  return { handle, load, close, [Symbol.asyncDispose]: close }
}
