import { type GatewayOptions, startGateway } from '@vivarium/gateway'
import { type SingleServer, startServer } from '@vivarium/testing'
import { type Answer, ask } from './ask.ts'

/** What tests ask. */
export interface Started extends AsyncDisposable {
  readonly server: SingleServer
  readonly port: number
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  put(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  delete(path: string, headers?: Record<string, string>): Promise<Answer>
}

/** A server, and a gateway before it. */
export async function started(
  options: Partial<GatewayOptions> = {},
  config: Record<string, string> = {},
): Promise<Started> {
  const server = await startServer({ config })
  const gateway = await startGateway({ servers: server.connectString, consoleDirectory: null, ...options, port: 0 })
  const { port } = gateway
  const at = (path: string): string => `/api/v1${path}`
  return {
    server,
    port,
    get: (path, headers) => ask(port, 'GET', at(path), { headers }),
    put: (path, body, headers) => ask(port, 'PUT', at(path), { body, headers }),
    post: (path, body, headers) => ask(port, 'POST', at(path), { body, headers }),
    delete: (path, headers) => ask(port, 'DELETE', at(path), { headers }),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await server.close()
    },
  }
}
