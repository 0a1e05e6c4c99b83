import { request } from 'node:http'

/** What a gateway answered. */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Asks as any program may. */
export function ask(
  port: number,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const content = body === undefined ? undefined : JSON.stringify(body)
  const type = content === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', method, path, headers: { ...type, ...headers } }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parsed(text) }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(content)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const BOB = { authorization: `Basic ${Buffer.from('bob:secret').toString('base64')}` }
const EVE = { authorization: `Basic ${Buffer.from('eve:secret').toString('base64')}` }

type Step = readonly [method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>]

const znode = (path: string, more = ''): string => `/api/v1/znode?path=${path}${more}`

/** One of each, and what goes wrong with each. */
const STEPS: readonly Step[] = [
  ['POST', znode('/a'), { data: 'one' }],
  ['POST', znode('/a'), {}],
  ['POST', znode('/no/parent'), {}],
  ['POST', znode('/made/for/it'), { parents: true }],
  ['POST', znode('/a/n-'), { mode: 'persistent-sequential' }],
  ['POST', znode('/a/'), { mode: 'persistent-sequential' }],
  ['POST', znode('/container'), { mode: 'container' }],
  ['POST', znode('/ttl'), { mode: 'persistent-ttl', ttlMs: 100_000 }],
  ['POST', znode('/ttl-'), { mode: 'persistent-sequential-ttl', ttlMs: 100_000 }],
  ['POST', znode('/bytes'), { data: '//79', encoding: 'base64' }],
  ['POST', znode('/null'), { data: null }],
  ['GET', znode('/a')],
  ['GET', znode('/bytes')],
  ['GET', znode('/null')],
  ['GET', znode('/none')],
  ['GET', '/api/v1/stat?path=/none'],
  ['PUT', znode('/a'), { data: 'two', version: 0 }],
  ['PUT', znode('/a'), { data: 'three', version: 0 }],
  ['PUT', znode('/none'), { data: 'x' }],
  ['GET', '/api/v1/children?path=/&stat=true&preview=true'],
  ['GET', '/api/v1/children?path=/a&limit=1'],
  ['GET', '/api/v1/children?path=/none'],
  ['DELETE', znode('/a')],
  ['DELETE', znode('/bytes', '&version=5')],
  ['DELETE', znode('/bytes', '&version=0')],
  ['DELETE', znode('/made', '&recursive=true&dryRun=true')],
  ['DELETE', znode('/made', '&recursive=true')],
  ['GET', '/api/v1/acl?path=/a'],
  ['POST', znode('/private'), { acl: [{ perms: 'cdrwa', scheme: 'auth', id: '' }] }, BOB],
  ['GET', '/api/v1/acl?path=/private', undefined, BOB],
  ['GET', znode('/private'), undefined, BOB],
  ['GET', znode('/private'), undefined, EVE],
  ['GET', znode('/private')],
  ['PUT', '/api/v1/acl?path=/a', { acl: [{ perms: 'ra', scheme: 'world', id: 'anyone' }], version: 0 }],
  ['PUT', znode('/a'), { data: 'x' }],
  ['PUT', '/api/v1/acl?path=/a', { acl: [{ perms: 'r', scheme: 'nonsense', id: '' }] }],
  ['PUT', '/api/v1/acl?path=/a', { acl: [{ perms: 'cdrwa', scheme: 'world', id: 'anyone' }], version: 5 }],
  [
    'POST',
    '/api/v1/multi',
    {
      ops: [
        { type: 'create', path: '/multi', data: 'x' },
        { type: 'set', path: '/multi', data: 'y', version: 0 },
        { type: 'check', path: '/multi', version: 1 },
        { type: 'delete', path: '/null' },
      ],
    },
  ],
  [
    'POST',
    '/api/v1/multi',
    {
      ops: [
        { type: 'create', path: '/multi/below' },
        { type: 'check', path: '/none' },
        { type: 'delete', path: '/multi' },
      ],
    },
  ],
  ['POST', '/api/v1/locks', { path: '/locks/l' }],
  ['POST', '/api/v1/locks', { path: '/locks/l' }],
  ['GET', '/api/v1/locks?path=/locks/l'],
  ['POST', '/api/v1/locks', { path: '/locks/k', layout: 'kazoo' }],
  ['POST', '/api/v1/elections', { path: '/elections/e', id: 'one', timeoutMs: 5000 }],
  ['GET', '/api/v1/elections?path=/elections/e'],
  ['POST', '/api/v1/groups', { path: '/groups/g', id: 'm', data: 'x' }],
  ['GET', '/api/v1/groups?path=/groups/g'],
  ['POST', '/api/v1/services', { path: '/services', name: 's', id: 'i', port: 1 }],
  ['GET', '/api/v1/services?path=/services&name=s'],
  ['GET', '/api/v1/recipes?path=/services/s'],
  ['GET', '/api/v1/whoami', undefined, BOB],
]

/** Takes all the steps. What differs from server to server and from run to run, numbers of transactions and times, is taken out. */
export async function play(port: number): Promise<string[]> {
  const lines: string[] = []
  for (const [method, path, body, headers] of STEPS) {
    const answer = await ask(port, method, path, body, headers)
    lines.push(`${method} ${path} ${JSON.stringify(body ?? '')} → ${answer.status} ${normal(answer.body)}`)
  }
  return lines
}

function normal(body: unknown): string {
  return JSON.stringify(body)
    .replace(/"0x(?!0")[0-9a-f]+(-\d+)?"/g, '"0x…$1"')
    .replace(/"(ctime|mtime|registrationTimeUTC)":\d+/g, '"$1":0')
    .replace(/\d{13}/g, '…')
    .replace(/[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/g, 'uuid')
    .replace(/"token":"[^"]+"/g, '"token":"…"')
}
