import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'

/** How many objects a list has at most before one has to ask again. */
const PAGE = 2

/** What S3Store uses of S3, for one bucket, and whatever the signature is. */
export class FakeS3 {
  readonly objects = new Map<string, Buffer>()
  /** Method and query of each request. */
  readonly requests: string[] = []
  /** Answers the next requests with these statuses. */
  readonly failures: number[] = []
  readonly #uploads = new Map<string, Map<number, Buffer>>()
  endpoint = ''

  static async start(t: TestContext): Promise<FakeS3> {
    const fake = new FakeS3()
    const server = createServer((request, response) => {
      fake.#answer(request, response).catch(() => response.destroy())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    fake.endpoint = `http://127.0.0.1:${(server.address() as { port: number }).port}`
    return fake
  }

  get uploads(): number {
    return this.#uploads.size
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake')
    const key = decodeURIComponent(pathname.split('/').slice(2).join('/'))
    const body = Buffer.concat(await request.toArray())
    this.requests.push(`${request.method} ${[...searchParams.keys()].join(' ')}`.trim())
    const signed = request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=key/')
    const status = signed ? (this.failures.shift() ?? 200) : 403
    if (status !== 200) {
      response.writeHead(status).end(`<Error><Code>No</Code><Message>not &lt;now&gt;</Message></Error>`)
      return
    }
    response.end(this.#carryOut(request.method ?? '', key, searchParams, body, response))
  }

  #carryOut(
    method: string,
    key: string,
    query: URLSearchParams,
    body: Buffer,
    response: ServerResponse,
  ): Buffer | string {
    const upload = query.get('uploadId')
    if (method === 'GET' && query.has('list-type')) return this.#list(query)
    if (method === 'GET') return this.objects.get(key) ?? this.#missing(response)
    if (method === 'POST' && upload === null) {
      this.#uploads.set('id &1', new Map())
      return '<R><UploadId>id &amp;1</UploadId></R>'
    }
    if (upload !== null) return this.#part(method, key, upload, query, body, response)
    if (method === 'PUT') this.objects.set(key, body)
    else this.objects.delete(key)
    return ''
  }

  #part(
    method: string,
    key: string,
    upload: string,
    query: URLSearchParams,
    body: Buffer,
    response: ServerResponse,
  ): string {
    const parts = this.#uploads.get(upload)
    if (parts === undefined) return this.#missing(response)
    if (method === 'PUT') {
      const number = Number(query.get('partNumber'))
      parts.set(number, body)
      response.setHeader('etag', `"tag${number}"`)
      return ''
    }
    this.#uploads.delete(upload)
    if (method === 'DELETE') return ''
    const numbers = Array.from(body.toString().matchAll(/<PartNumber>(\d+)<.*?>"tag(\d+)"</g), ([, n]) => Number(n))
    this.objects.set(key, Buffer.concat(numbers.map((number) => parts.get(number) ?? Buffer.from('?'))))
    return '<Done/>'
  }

  #missing(response: ServerResponse): string {
    response.statusCode = 404
    return '<Error><Code>NoSuchKey</Code></Error>'
  }

  #list(query: URLSearchParams): string {
    const prefix = query.get('prefix') ?? ''
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort()
    const from = Number(query.get('continuation-token') ?? 0)
    const next = from + PAGE < keys.length ? `<NextContinuationToken>${from + PAGE}</NextContinuationToken>` : ''
    const contents = keys
      .slice(from, from + PAGE)
      .map((key) => `<Contents><Key>${key}</Key><Size>${this.objects.get(key)?.length}</Size></Contents>`)
    return `<List>${contents.join('')}${next}</List>`
  }
}
