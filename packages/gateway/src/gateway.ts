import type { IncomingMessage, ServerResponse } from 'node:http'
import { createApp } from './app.ts'
import { ChildPages } from './children/child-pages.ts'
import { ClientPool } from './clients/client-pool.ts'
import { LeaseTable } from './clients/lease-table.ts'
import { ConsoleFiles } from './console/console-files.ts'
import type { Context } from './context.ts'
import { EventHub } from './events/event-hub.ts'
import { type GatewayOptions, settingsOf } from './gateway-options.ts'

/** An HTTP API before ZooKeeper servers: to be mounted on some HTTP server. */
export interface Gateway extends AsyncDisposable {
  /** Answers a request if it is for the gateway: `/api/…`, `/console/…`, and `/`, which leads to the console. */
  handle(request: IncomingMessage, response: ServerResponse): boolean
  /** Ends streams, sessions and connections to the servers. */
  close(): Promise<void>
}

/**
 * A gateway, without a port of its own.
 *
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
  const context: Context = { settings, pool, leases, events, pages: new ChildPages(limits.rememberedNames) }
  const app = await createApp(context)
  const files = await ConsoleFiles.open(settings.consoleDirectory)
  const handle = (request: IncomingMessage, response: ServerResponse): boolean => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path === '/api' || path.startsWith('/api/')) {
      app.routing(request, response)
      return true
    }
    return files?.answer(path, request, response) ?? false
  }
  const close = async (): Promise<void> => {
    await app.close()
    await events.close()
    await leases.close()
    await pool.close()
  }
  return { handle, close, [Symbol.asyncDispose]: close }
}
