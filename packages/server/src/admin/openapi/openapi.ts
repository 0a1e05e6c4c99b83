import type { AdminCommand } from '../json/command.ts'
import { VERSION } from '../version.ts'
import { COMMAND_DOCS, type CommandDoc } from './command-docs.ts'

const OCTETS = { 'application/octet-stream': {} }
const TEXT = { 'text/plain': {} }

/** Some JSON. */
type Description = { readonly [name: string]: unknown }

/**
 * Describes the admin server in OpenAPI 3.1: each command under each of its names, and the paths for those who watch over
 * processes.
 *
 * @param base what the commands' paths begin with: `/commands`
 */
export function describeAdminServer(commands: readonly AdminCommand[], base: string): Description {
  const paths: Record<string, Description> = {
    '/livez': {
      get: probe('livez', 'Whether the process answers.', { 200: { description: 'It does.', content: TEXT } }),
    },
    '/readyz': {
      get: probe('readyz', 'Whether requests are answered and writes are taken.', {
        200: { description: 'They are.', content: TEXT },
        503: { description: 'They are not: the text says why.', content: TEXT },
      }),
    },
  }
  for (const command of commands) {
    const doc = COMMAND_DOCS[command.names[0]]
    if (doc === undefined) continue
    for (const name of command.names) {
      paths[`${base}/${name}`] = { [command.method.toLowerCase()]: operation(name, command, doc) }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Vivarium admin server',
      version: VERSION,
      description: "Commands for administrators, with the names and fields of Apache ZooKeeper 3.9's admin server.",
    },
    paths,
    components: {
      securitySchemes: {
        zookeeper: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description:
            'A scheme and what it takes, as for addauth: `digest user:password`. It must grant everything on the znode /.',
        },
      },
    },
  }
}

function probe(operationId: string, summary: string, responses: Description): Description {
  return { operationId, summary, responses }
}

function operation(name: string, { names, restricted }: AdminCommand, doc: CommandDoc): Description {
  const { data, headers, refusals = {} } = doc
  const content = {
    'application/json': {
      schema: {
        ...data,
        properties: {
          ...data.properties,
          command: { type: 'string', const: names[0] },
          error: { type: ['string', 'null'] },
        },
        required: [...(data.required ?? []), 'command', 'error'],
      },
    },
    ...(doc.streams ? OCTETS : {}),
  }
  const json = { 'application/json': {} }
  const responses: Record<number, Description> = { 200: { description: 'The answer.', content } }
  if (headers !== undefined) {
    responses[200] = {
      ...responses[200],
      headers: Object.fromEntries(
        Object.entries(headers).map(([header, description]) => [header, { description, schema: { type: 'string' } }]),
      ),
    }
  }
  if (restricted) {
    responses[401] = { description: 'It is not known who asks.', content: json }
    responses[403] = { description: 'Who asks may not do everything on the znode /.', content: json }
  }
  for (const [status, description] of Object.entries(refusals))
    responses[Number(status)] = { description, content: json }
  return {
    operationId: name,
    summary: doc.summary,
    ...(names[0] === name ? {} : { description: `Another name for ${names[0]}.` }),
    parameters: Object.entries(doc.parameters ?? {}).map(([parameter, { schema, description }]) => ({
      name: parameter,
      in: 'query',
      required: false,
      description,
      schema,
    })),
    ...(doc.takesBytes ? { requestBody: { required: true, content: OCTETS } } : {}),
    ...(restricted ? { security: [{ zookeeper: [] }] } : {}),
    responses,
  }
}
