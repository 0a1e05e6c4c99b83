import type { IncomingMessage, ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Disk } from '@vivarium/env'
import type { ConsoleView } from '../admin/api/console-view.ts'
import { answerApi, SERVER_API } from '../admin/api/server-api.ts'
import { AdminCommands, type CommandRequest, type CommandResponse } from '../admin/json/commands.ts'
import { formatJson } from '../admin/json/json.ts'
import { describeAdminServer } from '../admin/openapi/openapi.ts'
import type { AdminView } from '../admin/view.ts'
import type { ServerConfig } from '../config/server-config.ts'
import { piecesOf } from '../storage/pieces-of.ts'
import { forwardedAddress } from './forwarded-address.ts'
import { healthOf } from './health.ts'
import { type HttpOptions, type HttpService, hasBody, listenForHttp, sendText } from './http-service.ts'
import { sendPieces } from './send-pieces.ts'

/**
 * The admin server: commands under `admin.commandURL`, described by `/openapi.json`; and `/livez` and `/readyz` for those
 * who watch over processes (JettyAdminServer).
 */
export function startAdminServer(
  view: AdminView,
  consoleView: ConsoleView,
  disk: Disk,
  options: HttpOptions,
): Promise<HttpService> {
  const commands = new AdminCommands(view)
  const root = `/${view.config.adminCommandUrl.replace(/^\/+|\/+$/g, '')}`
  return listenForHttp(options, (request, response) =>
    request.url?.startsWith(SERVER_API)
      ? answerConsole(consoleView, request, response)
      : answer(view, disk, commands, root, options.idleMs, request, response),
  )
}

async function answer(
  view: AdminView,
  disk: Disk,
  commands: AdminCommands,
  root: string,
  idleMs: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if (method !== 'GET' && method !== 'POST') return sendText(response, 405, 'text/plain', 'GET or POST\n')
  const [path = '', search = ''] = split(request.url ?? '/')
  if (path === '/openapi.json') {
    const described = describeAdminServer(commands.all, root === '/' ? '' : root)
    return sendText(response, 200, 'application/json', `${JSON.stringify(described, null, 2)}\n`)
  }
  if (path === '/livez') return sendText(response, 200, 'text/plain', 'alive\n')
  if (path === '/readyz') {
    const { ready, reason } = healthOf(view)
    return sendText(response, ready ? 200 : 503, 'text/plain', `${reason}\n`)
  }
  const base = root === '/' ? '' : root
  if (path === root || path === `${base}/`) return sendText(response, 200, 'text/html', links(base, commands.names))
  if (!path.startsWith(`${base}/`)) return sendText(response, 404, 'text/plain', `Commands are under ${root}\n`)
  request.socket.setTimeout(0)
  const answered = await commands.run({
    name: path.slice(base.length + 1),
    method,
    parameters: parameters(search),
    body: method === 'POST' && hasBody(request) ? bodyOf(request, idleMs) : null,
    ...visitorOf(request, view.config),
  })
  request.socket.setTimeout(idleMs)
  await send(response, disk, answered)
}

async function answerConsole(view: ConsoleView, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '', search = ''] = split(request.url ?? '')
  const { status, body } = await answerApi(view, {
    method: request.method ?? '',
    name: path.slice(SERVER_API.length),
    parameters: parameters(search),
    ...visitorOf(request, view.admin.config),
  })
  if (status === 405) response.setHeader('Allow', 'GET')
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  sendText(response, status, status === 200 ? 'application/json' : 'application/problem+json', JSON.stringify(body))
}

/** Who asks. */
function visitorOf(
  { headers, socket }: IncomingMessage,
  { trustForwardedFor, adminTrustedProxies }: ServerConfig,
): Pick<CommandRequest, 'authorization' | 'address' | 'certificate'> {
  const peer = socket.remoteAddress ?? ''
  const forwarded = String(headers['x-forwarded-for'] ?? '')
  return {
    authorization: headers.authorization ?? null,
    address: trustForwardedFor ? forwardedAddress(forwarded, peer, adminTrustedProxies) : peer,
    certificate: socket instanceof TLSSocket ? (socket.getPeerX509Certificate()?.raw ?? null) : null,
  }
}

/** Of a file that is sent between other work. */
const PIECE_BYTES = 65_536

async function send(response: ServerResponse, disk: Disk, answered: CommandResponse): Promise<void> {
  const { status, headers, file, json } = answered
  if (file === null) {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
    return sendPieces(response, formatJson(json))
  }
  const type = { 'Content-Type': 'application/octet-stream', 'Content-Length': headers.snapshot_size }
  response.writeHead(status, { ...type, ...headers })
  await sendPieces(response, piecesOf(disk, file, PIECE_BYTES))
}

/** Who sends has to go on sending; who has sent all may have to wait long. */
async function* bodyOf(request: IncomingMessage, idleMs: number): AsyncIterable<Uint8Array> {
  request.socket.setTimeout(idleMs)
  yield* request
  request.socket.setTimeout(0)
}

/** Path and parameters of an address; nothing of it can be so wrong that this fails. */
function split(url: string): readonly string[] {
  const at = url.indexOf('?')
  const path = at < 0 ? url : url.slice(0, at)
  try {
    return [decodeURIComponent(path), at < 0 ? '' : url.slice(at + 1)]
  } catch {
    return [path, '']
  }
}

function parameters(search: string): Map<string, string> {
  const all = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(search)) if (!all.has(name)) all.set(name, value)
  return all
}

const links = (base: string, names: readonly string[]): string =>
  names.map((name) => `<a href="${base}/${name}">${name}</a>\n<br/>\n`).join('')
