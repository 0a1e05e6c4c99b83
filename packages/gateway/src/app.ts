import { isUtf8 } from 'node:buffer'
import swagger from '@fastify/swagger'
import { type FastifyError, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { Context } from './context.ts'
import { ANSWER_HEADERS } from './http/answer-headers.ts'
import { credentialsOf } from './http/credentials.ts'
import { badRequest, Problem, problemBody, problemOf } from './http/problem.ts'
import { RouteMethods } from './http/route-methods.ts'
import { refusalOf } from './http/strangers.ts'
import type { App, SchemaTypes } from './http/type-provider.ts'
import { validators } from './http/validation.ts'
import { aclRoutes } from './routes/acl-routes.ts'
import { childrenRoutes } from './routes/children-routes.ts'
import { electionRoutes } from './routes/election-routes.ts'
import { ensembleRoutes } from './routes/ensemble-routes.ts'
import { eventRoutes } from './routes/event-routes.ts'
import { groupRoutes } from './routes/group-routes.ts'
import { lockRoutes } from './routes/lock-routes.ts'
import { multiRoutes } from './routes/multi-routes.ts'
import { recipeRoutes } from './routes/recipe-routes.ts'
import { serviceRoutes } from './routes/service-routes.ts'
import { sessionRoutes } from './routes/session-routes.ts'
import { statusRoutes, VERSION } from './routes/status-routes.ts'
import { znodeRoutes } from './routes/znode-routes.ts'
import { NAMED_SCHEMAS } from './schemas/common.ts'

const ROUTES = [
  statusRoutes,
  ensembleRoutes,
  znodeRoutes,
  childrenRoutes,
  aclRoutes,
  multiRoutes,
  sessionRoutes,
  eventRoutes,
  lockRoutes,
  electionRoutes,
  groupRoutes,
  serviceRoutes,
  recipeRoutes,
]

const DESCRIPTION = {
  openapi: '3.1.0',
  info: {
    title: 'Vivarium gateway',
    version: VERSION,
    description: "ZooKeeper's operations over HTTP. Errors are problem details (RFC 9457), with ZooKeeper's codes.",
  },
  components: {
    securitySchemes: {
      digest: {
        type: 'http',
        scheme: 'basic',
        description: "User and password of an identity of ZooKeeper's scheme digest.",
      },
    },
  },
  // Nobody in particular may do what everyone may.
  security: [{ digest: [] }, {}],
} as const

/** The API, as something that answers requests; whoever has it lets it hear of them. */
export async function createApp(context: Context): Promise<App> {
  const { settings } = context
  const { limits, log } = settings
  const methods = new RouteMethods()
  const app: App = fastify({
    bodyLimit: limits.bodyBytes,
    exposeHeadRoutes: false,
    frameworkErrors: (error, _request, reply) =>
      sendProblem(reply as unknown as FastifyReply, badRequest(error.message)),
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<SchemaTypes>()
  app.setValidatorCompiler(validators)
  // What is answered has the types of its schemas: nothing has to be taken out of it, and code for each would be made at the start.
  app.setSerializerCompiler(() => JSON.stringify)
  app.decorateRequest('credentials', null)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, jsonParser(app))
  app.addHook('onRoute', ({ method, url }) => methods.add(method, url))
  guard(app, context, methods)
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem =
      problemOf(error) ?? frameworkProblem(error, request, (message, fields) => log.error(message, fields))
    sendProblem(reply as unknown as FastifyReply, problem)
  })
  for (const schema of NAMED_SCHEMAS) app.addSchema(schema)
  await app.register(swagger, {
    openapi: DESCRIPTION as never,
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) => (typeof json.$id === 'string' ? json.$id : `def-${i}`),
    },
  })
  await app.register(
    async (api) => {
      for (const routes of ROUTES) routes(api as App, context)
    },
    { prefix: '/api/v1' },
  )
  app.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger())
  await app.ready()
  return app
}

/** What is looked at before anything is read: from where a request comes, who makes it, and whether there is room for it. */
function guard(app: App, { settings }: Context, methods: RouteMethods): void {
  let answering = 0
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(ANSWER_HEADERS)
    const refusal = refusalOf(request, settings.allowedHosts)
    if (refusal !== null) throw new Problem(refusal.status, refusal.code, refusal.detail)
    if (request.is404) throw notFound(request, methods)
    // What is not the UTF-8 of anything would be taken for a name as it stands there, percent signs and all.
    if (!isDecodable(request.url))
      throw badRequest('the address has bytes that are not UTF-8, or a % without two digits')
    if (!IDENTITY.test(request.headers['content-encoding'] ?? 'identity')) {
      throw new Problem(
        415,
        'UnsupportedMediaType',
        'the body is not to be compressed',
        {},
        { 'accept-encoding': 'identity' },
      )
    }
    const { writes = false, stream = false } = request.routeOptions.config
    if (writes && settings.readOnly) throw new Problem(403, 'ReadOnly', 'this gateway only reads')
    request.credentials = credentialsOf(request.headers.authorization)
    if (stream) return
    if (answering >= settings.limits.requests) {
      throw new Problem(429, 'TooMany', `${answering} requests are being answered`, {}, { 'retry-after': '1' })
    }
    answering++
    reply.raw.once('close', () => {
      answering--
    })
  })
}

const IDENTITY = /^ *identity *$/i

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url)
    return true
  } catch {
    return false
  }
}

function notFound({ method, url }: FastifyRequest, methods: RouteMethods): Problem {
  const [path = ''] = url.split('?')
  const allowed = methods.of(path)
  return allowed.length === 0
    ? new Problem(404, 'NotFound', `there is nothing at ${path.slice(0, 200)}`)
    : new Problem(405, 'MethodNotAllowed', `${method} is not for ${path}`, {}, { allow: allowed.join(', ') })
}

function sendProblem(reply: FastifyReply, problem: Problem): void {
  reply
    .code(problem.status)
    .headers({ ...ANSWER_HEADERS, ...problem.headers })
    .type('application/problem+json')
    .serializer(String)
    .send(JSON.stringify(problemBody(problem)))
}

type JsonParser = (request: FastifyRequest, body: Buffer, done: (error: Error | null, body?: unknown) => void) => void

/** JSON is UTF-8; and where there is no body, none is wanted. */
function jsonParser(app: App): JsonParser {
  const parse = app.getDefaultJsonParser('error', 'error')
  return (request, body, done) => {
    if (body.length === 0) done(null, undefined)
    else if (!isUtf8(body)) done(badRequest('the body is not UTF-8'))
    else parse(request, body.toString('utf8'), done)
  }
}

/** What the framework found wrong with a request; what else comes here, nobody foresaw. */
function frameworkProblem(
  error: FastifyError,
  request: FastifyRequest,
  report: (message: string, fields: Record<string, unknown>) => void,
): Problem {
  const { statusCode: status = 500, message } = error
  if (status === 413) return new Problem(413, 'TooLarge', 'the body is longer than is taken')
  if (status === 415) return new Problem(415, 'UnsupportedMediaType', 'the body is to be application/json')
  if (status >= 400 && status < 500) return badRequest(message)
  report('A request over HTTP could not be answered.', { method: request.method, url: request.url, error })
  return new Problem(500, 'Internal', 'the log of the gateway says what went wrong')
}
