import type { Asker } from '../view.ts'
import { type ApiAnswer, type ApiPart, type Parameters, problem } from './api-answer.ts'
import type { ConsoleView } from './console-view.ts'
import { metricsPart } from './metrics-part.ts'
import { pastParts } from './past-parts.ts'
import { sessionParts } from './session-parts.ts'

/** Where what the console asks of a server is. */
export const SERVER_API = '/api/v1/server/'

export interface ApiRequest extends Asker {
  readonly method: string
  /** What follows {@link SERVER_API}. */
  readonly name: string
  readonly parameters: Parameters
  /** The header `Authorization`; null without one. */
  readonly authorization: string | null
}

const PARTS: ReadonlyMap<string, ApiPart> = new Map(
  [...sessionParts, metricsPart, ...pastParts].map((part) => [part.name, part]),
)

/** What the console shows of a server itself, as its gateway shows what the server has. It only reads. */
export async function answerApi(view: ConsoleView, request: ApiRequest): Promise<ApiAnswer> {
  const part = PARTS.get(request.name)
  if (part === undefined) return problem(404, 'NotFound', 'there is nothing of that name')
  if (!view.admin.serving && part.name !== 'elections') return problem(503, 'Unavailable', 'the server does not serve')
  if (request.method !== 'GET') return problem(405, 'MethodNotAllowed', 'what is here can only be read')
  const [scheme, credentials] = credentialsOf(request.authorization)
  const refusal = part.restricted ? refusalOf(view, scheme, credentials, request) : null
  return refusal ?? (await part.answer(view, request.parameters, view.sight(scheme, credentials, request)))
}

function refusalOf({ admin }: ConsoleView, scheme: string, credentials: string | null, asker: Asker): ApiAnswer | null {
  const grant = admin.authorize(scheme, credentials, asker)
  if (grant === 'unauthenticated') return problem(401, 'Unauthorized', 'sign in as somebody who may see everything')
  return grant === 'unauthorized' ? problem(403, 'NoAuth', 'you are not granted everything on the znode /') : null
}

/** Basic is ZooKeeper's digest, as browsers and programs say it; any other scheme is ZooKeeper's own. */
function credentialsOf(authorization: string | null): readonly [scheme: string, credentials: string | null] {
  const [scheme = '', credentials = null] = (authorization ?? '').trim().split(/ +/, 2)
  if (scheme.toLowerCase() !== 'basic') return [scheme, credentials]
  return ['digest', Buffer.from(credentials ?? '', 'base64').toString('utf8')]
}
