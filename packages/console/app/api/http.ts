import { account } from './account.ts'

/** What the API answered instead (problem+json), or that nobody answered: `status` is 0 then. */
export class ApiError extends Error {
  readonly status: number
  /** ZooKeeper's name for it: `NoNode`, `BadVersion` … */
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
  }
}

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>

export interface CallOptions {
  readonly query?: Query
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
  /** Instead of who is signed in. */
  readonly authorization?: string
}

/** Above the console, whatever path it is served below. */
const ROOT = '../'

/** An address below the root of the server: `address('api/v1/stat', { path })`. What is null is left out. */
export function address(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) parameters.set(name, String(value))
  }
  const text = parameters.toString()
  return `${ROOT}${path}${text === '' ? '' : `?${text}`}`
}

/**
 * Asks the API.
 *
 * @throws {ApiError} for every answer that is none
 */
export async function call<Answer>(
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  { query, body, signal, authorization = account.value?.authorization }: CallOptions = {},
): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (authorization !== undefined) headers.authorization = authorization
  if (body !== undefined) headers['content-type'] = 'application/json'
  const init: RequestInit = { method, headers, credentials: 'omit', cache: 'no-store', redirect: 'error' }
  if (body !== undefined) init.body = JSON.stringify(body)
  if (signal !== undefined) init.signal = signal
  const response = await fetch(address(path, query), init).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw new ApiError(0, 'Unreachable', 'The server does not answer.')
  })
  if (response.status === 204) return undefined as Answer
  const answer: unknown = await response.json().catch(() => null)
  if (response.ok && answer !== null) return answer as Answer
  throw problem(response, answer)
}

export const get = <Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> =>
  call<Answer>('GET', path, { query, signal })

function problem({ status, statusText }: Response, answer: unknown): ApiError {
  const { code, detail, title } = (answer ?? {}) as Readonly<Record<string, unknown>>
  const text = [detail, title, statusText].find((part): part is string => typeof part === 'string' && part !== '')
  return new ApiError(status, typeof code === 'string' ? code : '', text ?? `HTTP status ${status}`)
}

/** What to show a person of something that went wrong. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
