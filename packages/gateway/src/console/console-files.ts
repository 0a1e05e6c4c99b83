import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = '/console/'
/** What has a hash in its name never changes. */
const IMMUTABLE = `${ROOT}assets/`
const INDEX = `${ROOT}index.html`

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.json', 'application/json'],
  ['.webmanifest', 'application/manifest+json'],
  ['.woff2', 'font/woff2'],
])
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

/** Nothing but its own files; so that what stands in a znode is never run, wherever it were to slip in. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  vary: 'accept-encoding',
}

/**
 * The console's files, all of them in memory: what is not among them cannot be asked for, however the path is written.
 * Beside `x.js`, `x.js.br` and `x.js.gz` are the same, for browsers that take them.
 */
export class ConsoleFiles {
  readonly #files: ReadonlyMap<string, Buffer>

  private constructor(files: ReadonlyMap<string, Buffer>) {
    this.#files = files
  }

  /**
   * @param directory where they are; undefined: in the package `@vivarium/console`
   * @returns null if there are none
   */
  static async open(directory: string | null | undefined): Promise<ConsoleFiles | null> {
    const folder = directory === undefined ? await installedConsole() : directory
    if (folder === null) return null
    const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
    const files = new Map<string, Buffer>()
    for (const entry of names) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      files.set(ROOT + path.slice(folder.length).replaceAll(sep, '/').replace(/^\/+/, ''), await readFile(path))
    }
    return files.has(INDEX) ? new ConsoleFiles(files) : null
  }

  /** Answers if the path is the console's. */
  answer(path: string, request: IncomingMessage, response: ServerResponse): boolean {
    if (path === '/' || path === '/console') {
      response.writeHead(302, { location: ROOT, 'content-length': 0 }).end()
      return true
    }
    if (!path.startsWith(ROOT)) return false
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD', 'content-length': 0 }).end()
      return true
    }
    // A page of the console has an address, but no file.
    const name = this.#files.has(path) || extname(path) !== '' ? path : INDEX
    this.#send(name, request, response)
    return true
  }

  #send(name: string, request: IncomingMessage, response: ServerResponse): void {
    const plain = this.#files.get(name)
    const type = TYPES.get(extname(name))
    if (plain === undefined || type === undefined) {
      response.writeHead(404, { ...HEADERS, 'content-type': 'text/plain', 'content-length': 0 }).end()
      return
    }
    const [encoding, body] = this.#encoded(name, plain, String(request.headers['accept-encoding'] ?? ''))
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    const headers = {
      ...HEADERS,
      'content-type': type,
      'cache-control': name.startsWith(IMMUTABLE) ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag,
    }
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end()
      return
    }
    response.writeHead(200, {
      ...headers,
      'content-length': body.length,
      ...(encoding !== null && { 'content-encoding': encoding }),
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  #encoded(name: string, plain: Buffer, accepted: string): readonly [encoding: string | null, body: Buffer] {
    const taken = new Set(accepted.split(',').map((each) => each.split(';')[0]?.trim().toLowerCase()))
    for (const [encoding, suffix] of ENCODINGS) {
      const body = this.#files.get(name + suffix)
      if (body !== undefined && taken.has(encoding)) return [encoding, body]
    }
    return [null, plain]
  }
}

/** Where the package of the console has its files; null if there is no such package, or it is not built. */
async function installedConsole(): Promise<string | null> {
  // The gateway goes without it, and it is built after the gateway: so nothing here may depend on it.
  const name = '@vivarium/console'
  const loaded: unknown = await import(name).catch(() => null)
  const directory = (loaded as { readonly assetsDirectory?: unknown } | null)?.assetsDirectory
  if (typeof directory !== 'string') return null
  return directory.startsWith('file:') ? fileURLToPath(directory) : directory
}
