import { BackupError, type BackupStore, type StoredObject } from '@vivarium/server/backup'
import { AwsClient } from 'aws4fetch'

/** Parts of this size are sent one by one; S3 wants no smaller ones, but for the last. */
const PART_BYTES = 8 * 1024 * 1024
const RETRIES = 6

export interface S3Options {
  readonly bucket: string
  /** What names begin with; empty, or with a slash at the end. */
  readonly prefix: string
  /** Undefined: Amazon's. Otherwise the bucket is the first part of the path there. */
  readonly endpoint: string | undefined
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string | undefined
}

/** Storage with the interface of Amazon's S3. */
export class S3Store implements BackupStore {
  readonly description: string
  readonly #client: AwsClient
  readonly #base: string
  readonly #prefix: string

  constructor({ bucket, prefix, endpoint, sessionToken, ...credentials }: S3Options) {
    const session = sessionToken === undefined ? {} : { sessionToken }
    this.description = `s3://${bucket}/${prefix}`
    this.#client = new AwsClient({ ...credentials, ...session, service: 's3', retries: RETRIES })
    this.#base =
      endpoint === undefined
        ? `https://${bucket}.s3.${credentials.region}.amazonaws.com`
        : `${endpoint.replace(/\/+$/, '')}/${bucket}`
    this.#prefix = prefix
  }

  async list(): Promise<StoredObject[]> {
    const objects: StoredObject[] = []
    for (let token = ''; ; ) {
      const query = new URLSearchParams({ 'list-type': '2', prefix: this.#prefix })
      if (token !== '') query.set('continuation-token', token)
      const text = await (await this.#send('GET', `${this.#base}/?${query}`)).text()
      for (const [, entry = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const name = element(entry, 'Key').slice(this.#prefix.length)
        objects.push({ name, bytes: Number(element(entry, 'Size')) })
      }
      token = element(text, 'NextContinuationToken')
      if (token === '') return objects.sort((a, b) => (a.name < b.name ? -1 : 1))
    }
  }

  async put(name: string, contents: AsyncIterable<Uint8Array>): Promise<void> {
    const url = this.#url(name)
    const parts = inParts(contents)
    const first = await parts.next()
    const second = await parts.next()
    if (second.done === true) {
      await this.#send('PUT', url, first.value ?? new Uint8Array(0))
      return
    }
    const started = await (await this.#send('POST', `${url}?uploads=`)).text()
    const upload = encodeURIComponent(element(started, 'UploadId'))
    try {
      const tags = [await this.#sendPart(url, upload, 1, first.value as Uint8Array)]
      tags.push(await this.#sendPart(url, upload, 2, second.value))
      for await (const part of parts) tags.push(await this.#sendPart(url, upload, tags.length + 1, part))
      const list = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${tag}</ETag></Part>`)
      const body = `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`
      const done = await (await this.#send('POST', `${url}?uploadId=${upload}`, Buffer.from(body))).text()
      // This may fail after its head, with status 200, has been sent.
      if (/<Error>/.test(done)) throw new BackupError(`${this.description}: ${name}: ${element(done, 'Message')}`)
    } catch (error) {
      await this.#send('DELETE', `${url}?uploadId=${upload}`).catch(() => {})
      throw error
    }
  }

  async *get(name: string): AsyncIterable<Uint8Array> {
    const { body } = await this.#send('GET', this.#url(name))
    if (body !== null) yield* body as unknown as AsyncIterable<Uint8Array>
  }

  async remove(name: string): Promise<void> {
    await this.#send('DELETE', this.#url(name))
  }

  #url(name: string): string {
    return `${this.#base}/${`${this.#prefix}${name}`.split('/').map(encodeURIComponent).join('/')}`
  }

  async #sendPart(url: string, upload: string, number: number, part: Uint8Array): Promise<string> {
    const { headers } = await this.#send('PUT', `${url}?partNumber=${number}&uploadId=${upload}`, part)
    return headers.get('etag') ?? ''
  }

  async #send(method: string, url: string, body?: Uint8Array): Promise<Response> {
    const sent = this.#client.fetch(url, body === undefined ? { method } : { method, body })
    const response = await sent.catch((error: Error) => {
      const { message } = error.cause instanceof Error ? error.cause : error
      throw new BackupError(`${this.description} cannot be reached: ${message}`)
    })
    if (response.ok) return response
    const text = await response.text().catch(() => '')
    const reason = element(text, 'Message') || element(text, 'Code') || response.statusText
    throw new BackupError(`${this.description}: ${method} was answered with ${response.status}: ${reason}`)
  }
}

/** Puts pieces together, or apart, into parts of one size, the last of which may be smaller. */
async function* inParts(contents: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let pieces: Uint8Array[] = []
  let bytes = 0
  for await (let piece of contents) {
    while (bytes + piece.length >= PART_BYTES) {
      const taken = PART_BYTES - bytes
      yield Buffer.concat([...pieces, piece.subarray(0, taken)])
      pieces = []
      bytes = 0
      piece = piece.subarray(taken)
    }
    if (piece.length === 0) continue
    pieces.push(piece)
    bytes += piece.length
  }
  if (bytes > 0) yield Buffer.concat(pieces)
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The text of the first element of a name; empty if there is none. */
function element(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''
  return text.replace(/&(\w+);/g, (all, entity: string) => ENTITIES[entity] ?? all)
}
