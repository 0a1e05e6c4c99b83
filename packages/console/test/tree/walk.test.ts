import assert from 'node:assert/strict'
import { afterEach, mock, test } from 'node:test'
import { allBut, walk } from '../../dist/app/tree/walk.js'

/** Children by path; a text instead is the code of what is answered. */
type Children = Readonly<Record<string, readonly string[] | string>>

afterEach(() => mock.restoreAll())

function serve(children: Children): void {
  mock.method(globalThis, 'fetch', async (address: string) => {
    const path = new URL(address, 'http://console/console/').searchParams.get('path') ?? ''
    const found = children[path] ?? 'NoNode'
    if (found === 'Unreachable') throw new TypeError('refused')
    if (typeof found === 'string') return Response.json({ code: found, detail: found }, { status: 400 })
    const page = found.map((name) => ({ name, stat: { numChildren: `${path}${name}` in children ? 1 : 0 } }))
    return Response.json({ path, stat: {}, total: found.length, from: 0, children: page })
  })
}

async function walked(): Promise<{ seen: string[]; hidden: string[] }> {
  const seen: string[] = []
  const hidden: string[] = []
  const { signal } = new AbortController()
  for await (const { path } of walk('/', signal, (path) => hidden.push(path))) seen.push(path)
  return { seen, hidden }
}

test('what may not be read is told, and what is gone is passed over', async () => {
  serve({ '/': ['a', 'b', 'c'], '/a': 'NoAuth', '/b': 'NoNode', '/c': ['d'] })
  assert.deepEqual(await walked(), { seen: ['/a', '/b', '/c', '/c/d'], hidden: ['/a'] })
  assert.match(allBut(1), /below 1 znode whose/)
})

test('a server that does not answer is no tree without znodes', async () => {
  serve({ '/': 'Unreachable' })
  await assert.rejects(walked(), { code: 'Unreachable' })
  serve({ '/': ['a'], '/a': 'ConnectionLoss' })
  await assert.rejects(walked(), { code: 'ConnectionLoss' })
  serve({})
  await assert.rejects(walked(), { code: 'NoNode' })
})
