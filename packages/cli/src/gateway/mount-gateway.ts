import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '@vivarium/env'
import type { Gateway } from '@vivarium/gateway'
import { refusalOf } from '@vivarium/gateway/strangers'
import { childNames, type RunningServer } from '@vivarium/server'
import { endpoint, isLoopback, type WebAddress } from '../banner.ts'

/** A gateway on the port of a server's administrators. */
export interface MountedGateway extends WebAddress {
  close(): Promise<void>
}

/** What the server itself tells the console, as long as it has an admin server. */
const SERVER_API = '/api/v1/server/'

/** The server takes few connections from one address, and others of this machine want some, too. */
const LIMITS = { identities: 16, sessions: 24 }

/**
 * Puts the console and the HTTP API on the port of the admin server, if `admin.gateway` allows it. Nothing of them is loaded
 * before somebody asks for it: a server starts as fast, and is as small, as without.
 *
 * @returns where it is; null if it is nowhere
 */
export function mountGateway({ http, address, server }: RunningServer, log: Log): MountedGateway | null {
  const { config } = server
  const { admin } = http
  if (admin === null) return null
  const hosts = new Set(config.adminGatewayHosts.map((name) => name.toLowerCase()))
  admin.extend((request, response) => request.url?.startsWith(SERVER_API) === true && refuse(request, response, hosts))
  if (address === null || config.adminGateway === 'off') return null
  // A certificate is asked of everyone who comes over TLS, and nobody comes otherwise.
  const isGuarded = config.adminForceHttps && config.adminNeedClientAuth
  if (config.adminGateway === 'loopback' && !isLoopback(admin.host) && !isGuarded) {
    log.info('The console and the HTTP API are off, since others reach the admin server: see admin.gateway.')
    return null
  }
  let loading: Promise<Gateway> | null = null
  const load = async (): Promise<Gateway> => {
    const { createGateway } = await import('@vivarium/gateway')
    return await createGateway({
      servers: endpoint(address),
      adminUrl: config.adminCommandUrl,
      namesInProcess: (path, most) => childNames(server, path, most),
      allowedHosts: config.adminGatewayHosts,
      limits: LIMITS,
      log,
    })
  }
  const fail = (response: ServerResponse, error: unknown): void => {
    loading = null
    log.error('The gateway could not be loaded.', { error })
    response.writeHead(500, { 'content-type': 'text/plain' }).end('The log of the server says what went wrong.\n')
  }
  const commandsAtRoot = config.adminCommandUrl.replaceAll('/', '') === ''
  admin.extend((request: IncomingMessage, response: ServerResponse) => {
    const [path = ''] = (request.url ?? '').split('?')
    const isOurs = path === '/' ? !commandsAtRoot : /^\/(api|console)(\/|$)/.test(path) && !path.startsWith(SERVER_API)
    if (!isOurs) return false
    loading ??= load()
    loading.then(
      (gateway) => {
        if (!gateway.handle(request, response)) response.writeHead(404, { 'content-length': 0 }).end()
      },
      (error) => fail(response, error),
    )
    return true
  })
  const base = `${config.adminForceHttps ? 'https' : 'http'}://${endpoint(admin)}`
  const web: WebAddress = hasConsole()
    ? { what: 'console', url: `${base}/console/` }
    : { what: 'HTTP API', url: `${base}/api/openapi.json` }
  const close = async (): Promise<void> => {
    const gateway = await loading?.catch(() => null)
    await gateway?.close()
  }
  return { ...web, close }
}

/** Answers a request that a page of another site may have caused. Returns false for others. */
function refuse(request: IncomingMessage, response: ServerResponse, hosts: ReadonlySet<string>): boolean {
  const refusal = refusalOf({ method: request.method ?? '', headers: request.headers }, hosts)
  if (refusal === null) return false
  const title = refusal.status === 403 ? 'Forbidden' : 'Misdirected Request'
  response.writeHead(refusal.status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
  response.end(JSON.stringify({ type: 'about:blank', title, ...refusal }))
  return true
}

/** Whether the package of the console is installed: it need not be. */
function hasConsole(): boolean {
  try {
    import.meta.resolve('@vivarium/console')
    return true
  } catch {
    return false
  }
}
