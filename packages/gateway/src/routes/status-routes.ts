import { readFileSync } from 'node:fs'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { App } from '../http/type-provider.ts'
import { Identity } from '../schemas/common.ts'
import { sessionText } from '../schemas/texts.ts'
import { identityValues } from '../schemas/values.ts'
import { answers, asCaller, only } from './route-support.ts'

const Status = only({
  state: Type.Enum(['connecting', 'connected', 'read-only', 'suspended', 'lost', 'closed']),
  servers: Type.String({ description: 'The servers that the gateway was given.' }),
  server: Type.Union([only({ address: Type.String() }), Type.Null()], { description: 'The one it is connected to.' }),
  session: Type.Union([Type.String(), Type.Null()]),
  readOnly: Type.Boolean({ description: 'Whether the gateway refuses whatever would change something.' }),
  writable: Type.Boolean({ description: 'Whether writes would be taken at this moment.' }),
  identity: Type.Array(Identity),
  gateway: only({ version: Type.String() }),
  adminUrl: Type.Union([Type.String(), Type.Null()], {
    description: "Where a server's commands are, on the same port.",
  }),
})

/** The version of this package, which is that of all packages of Vivarium. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

/** How the gateway stands with its servers, and whom they take the caller for. */
export function statusRoutes(app: App, context: Context): void {
  const { servers, readOnly, adminUrl } = context.settings
  app.get(
    '/status',
    { schema: { operationId: 'getStatus', summary: 'How things stand.', tags: ['status'], response: answers(Status) } },
    (request) =>
      asCaller(context, request, async (zk) => {
        // Whoever asks what is the matter is not to wait for it to be over.
        const isConnected = zk.state === 'connected' || zk.state === 'read-only' || (await isSoonConnected(zk))
        const identity = isConnected ? identityValues(await zk.whoAmI()) : []
        const { state, server, session } = zk
        return {
          state,
          servers,
          server: server === null ? null : { address: server },
          session: session === null ? null : sessionText(session.id),
          readOnly,
          writable: state === 'connected' && !readOnly,
          identity,
          gateway: { version: VERSION },
          adminUrl,
        }
      }),
  )
  app.get(
    '/whoami',
    {
      schema: {
        operationId: 'whoAmI',
        summary: 'The identities that the servers take the caller for.',
        tags: ['status'],
        response: answers(only({ identities: Type.Array(Identity) })),
      },
    },
    (request) => asCaller(context, request, async (zk) => ({ identities: identityValues(await zk.whoAmI()) })),
  )
}

/** The first request of an identity comes before its connection. */
const FIRST_CONNECTION_MS = 1000

/** Whether it is connected within a moment. */
export async function isSoonConnected(zk: {
  connected(options: { timeoutMs: number }): Promise<void>
}): Promise<boolean> {
  return await zk.connected({ timeoutMs: FIRST_CONNECTION_MS }).then(
    () => true,
    () => false,
  )
}
