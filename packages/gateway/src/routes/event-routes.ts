import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { EventStream } from '../events/event-stream.ts'
import { ANSWER_HEADERS } from '../http/answer-headers.ts'
import type { App } from '../http/type-provider.ts'
import { Path } from '../schemas/common.ts'
import { answers, only } from './route-support.ts'

const LastEventId = Type.Optional(
  Type.String({
    maxLength: 100,
    description: 'The `id` of the last event that was heard: what came since is told first.',
  }),
)

/** A browser waits so long before it comes back, in milliseconds. */
const RETRY = Buffer.from('retry: 2000\n\n')

const STREAM = Type.String({
  description:
    'Server-sent events: `ready` once all changes are heard of; `created`, `changed`, `deleted` and, without `recursive`, ' +
    '`children`; `gap` where some may be missing; `state` of the connection to the servers.',
})

/** Changes as they happen. */
export function eventRoutes(app: App, context: Context): void {
  app.get(
    '/events',
    {
      config: { stream: true },
      schema: {
        operationId: 'watch',
        summary: 'Changes of znodes, as server-sent events.',
        tags: ['events'],
        querystring: only({
          path: Type.Array(Path, { minItems: 1, maxItems: 100, description: 'Which znodes.' }),
          recursive: Type.Optional(Type.Boolean({ description: 'Of all that is below them, too.' })),
          lastEventId: LastEventId,
        }),
        headers: Type.Object({ 'last-event-id': LastEventId }),
        response: {
          ...answers(Type.Unknown()),
          200: { description: 'Changes.', content: { 'text/event-stream': { schema: STREAM } } },
        },
      },
    },
    async (request, reply) => {
      const { path: paths, recursive = false, lastEventId } = request.query
      const closing = new AbortController()
      const { raw } = reply
      raw.once('close', () => closing.abort())
      const open = (streamBytes: number): EventStream => {
        reply.hijack()
        // What it has to say ends when the connection does: so that nothing is wrapped around each event.
        raw.useChunkedEncodingByDefault = false
        raw.shouldKeepAlive = false
        raw.writeHead(200, { ...ANSWER_HEADERS, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
        raw.write(RETRY)
        return new EventStream(raw, streamBytes)
      }
      await context.events.subscribe(
        {
          credentials: request.credentials,
          paths,
          recursive,
          lastEventId: request.headers['last-event-id'] ?? lastEventId ?? null,
        },
        open,
        closing.signal,
      )
      return reply
    },
  )
}
