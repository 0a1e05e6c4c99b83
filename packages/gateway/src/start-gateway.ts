import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createGateway } from './gateway.ts'
import type { GatewayOptions } from './gateway-options.ts'
import { answerUnreadable, problemText } from './http/bare-answers.ts'
import { Problem } from './http/problem.ts'

export interface ListenOptions {
  /** Default: 127.0.0.1. */
  readonly host?: string | undefined
  /** Default: 8090; 0: any that is free. */
  readonly port?: number | undefined
}

/** A gateway that listens. */
export interface RunningGateway extends AsyncDisposable {
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

const NOTHING_THERE = new Problem(404, 'NotFound', 'the API is at /api/v1/, the console at /console/')

/** The head of a request has to be there after so long, and all of it. */
const HEAD_MS = 10_000
const REQUEST_MS = 60_000
const KEEP_ALIVE_MS = 60_000
/** A path of 4096 characters, each in nine. */
const HEAD_BYTES = 65_536

/**
 * Starts a gateway with a port of its own.
 *
 * @throws {Error} the system's error, if the port cannot be had; {ArgumentError} for servers that cannot be meant
 * @example
 * await using gateway = await startGateway({ servers: 'zk1:2181,zk2:2181', port: 8090 })
 */
export async function startGateway(options: GatewayOptions & ListenOptions): Promise<RunningGateway> {
  const { host = '127.0.0.1', port = 8090 } = options
  const gateway = await createGateway(options)
  const limits = {
    headersTimeout: HEAD_MS,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: HEAD_BYTES,
  }
  const answering = new WeakSet<Duplex>()
  const server = createServer(limits, (request, response) => {
    response.on('error', () => {})
    answering.add(request.socket)
    response.on('finish', () => answering.delete(request.socket))
    if (gateway.handle(request, response)) return
    const { headers, body } = problemText(NOTHING_THERE)
    response.writeHead(404, headers).end(body)
  })
  server.on('clientError', (error, socket) => {
    // What follows a request that is being answered, such as an event stream, would stand in the midst of its answer.
    if (answering.has(socket)) socket.destroy()
    else answerUnreadable(error, socket)
  })
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    await gateway.close()
    server.closeAllConnections()
    await closed
  }
  try {
    await gateway.load()
    await once(server.listen(port, host), 'listening')
  } catch (error) {
    await gateway.close()
    throw error
  }
  const address = server.address() as AddressInfo
  return { host: address.address, port: address.port, close, [Symbol.asyncDispose]: close }
}
