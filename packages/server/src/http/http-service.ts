import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Log } from '@vivarium/env'
import { encrypting, type HttpTls } from './encrypting.ts'

/** More connections than these at once are for no administrator. */
const MOST_CONNECTIONS = 200
/** The head of a request has to be there after so long. What follows it is only waited for where it is wanted. */
const HEAD_MS = 10_000
/** The path of a znode, as long as the console takes one (4096 characters, each in nine). */
const HEAD_BYTES = 65_536
/** Browsers that have been here over TLS come so for a day (JettyAdminServer.DEFAULT_STS_MAX_AGE). */
const STRICT_TRANSPORT = 'max-age=86400; includeSubDomains'

export interface HttpOptions {
  readonly host: string
  readonly port: number
  /** Connections on which nothing happens for so long are closed. */
  readonly idleMs: number
  readonly log: Log
  /** Left out: nothing is encrypted. */
  readonly tls?: HttpTls | undefined
}

/** Answers a request, or says that it is not for it by returning false. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => boolean

/** A listening HTTP server. */
export interface HttpService {
  readonly host: string
  readonly port: number
  /** Lets `handler` see every request first, from now on: for what is to be on the same port, and is no part of the server. */
  extend(handler: HttpHandler): void
  close(): Promise<void>
}

/**
 * Listens for HTTP requests. TRACE is refused, as Java refuses it.
 *
 * @param answer what rejects is logged, and answered with status 500
 * @throws {Error} the system's error, if the port cannot be had
 */
export async function listenForHttp(
  { host, port, idleMs, log, tls }: HttpOptions,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<HttpService> {
  const handlers: HttpHandler[] = []
  const listener: RequestListener = (request, response) => {
    response.on('error', () => {})
    if (request.socket instanceof TLSSocket) response.setHeader('Strict-Transport-Security', STRICT_TRANSPORT)
    for (const handle of handlers) {
      if (!handle(request, response)) continue
      // Who has asked for all that he wants, and waits for it, as for a lock, is not idle.
      response.on('timeout', () => {
        if (response.headersSent || !request.complete) request.socket.destroy()
      })
      return
    }
    // A body that nobody reads ends with the connection, however long it would be.
    if (hasBody(request)) response.shouldKeepAlive = false
    if (request.method === 'TRACE') {
      sendText(response, 403, 'text/plain', '')
      return
    }
    answer(request, response).catch((error: unknown) => {
      log.error('A request over HTTP could not be answered.', { url: request.url, error })
      if (response.headersSent) response.destroy()
      else sendText(response, 500, 'text/plain', 'The log of the server says what went wrong.\n')
    })
  }
  const limits = { headersTimeout: HEAD_MS, requestTimeout: 0, keepAliveTimeout: idleMs, maxHeaderSize: HEAD_BYTES }
  const server = createServer(limits, listener)
  server.maxConnections = MOST_CONNECTIONS
  server.setTimeout(idleMs)
  const closeNewcomers = tls === undefined ? () => {} : encrypting(server, tls)
  await once(server.listen(port, host), 'listening')
  const address = server.address() as AddressInfo
  const extend = (handler: HttpHandler): void => void handlers.push(handler)
  return { host: address.address, port: address.port, extend, close: () => close(server, closeNewcomers) }
}

/** Whether something follows the head of a request. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** Sends all of a short answer. */
export function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}

function close(server: Server, closeNewcomers: () => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
    closeNewcomers()
  })
}
