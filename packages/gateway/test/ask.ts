import { type IncomingHttpHeaders, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Of the text; undefined where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as it comes.
  readonly json: any
}

/** Asks as any program may: with headers that `fetch` would not let through. */
export function ask(
  port: number,
  method: string,
  path: string,
  { body, headers = {} }: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const content = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
    const type = content === undefined ? {} : { 'content-type': 'application/json' }
    const asked = request({ port, host: '127.0.0.1', method, path, headers: { ...type, ...headers } }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        const isJson = String(response.headers['content-type']).includes('json')
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: isJson ? JSON.parse(text) : undefined,
        })
      })
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(content)
  })
}

export const basic = (user: string, password = 'secret'): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
