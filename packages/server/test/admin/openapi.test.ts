import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AdminCommands } from '../../dist/admin/json/commands.js'
import { formatJson } from '../../dist/admin/json/json.js'
import { COMMAND_DOCS } from '../../dist/admin/openapi/command-docs.js'
import { describeAdminServer } from '../../dist/admin/openapi/openapi.js'
import type { AdminView } from '../../dist/admin/view.js'
import { exampleView } from './example-view.ts'

interface Schema {
  readonly type?: string | readonly string[]
  readonly const?: string
  readonly items?: Schema
  readonly properties?: Record<string, Schema>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
}

interface Described {
  readonly paths: Record<string, Record<string, { responses: Record<string, { content: Content }> }>>
}

type Content = Record<string, { schema?: Schema }>

const describe = (commands: AdminCommands): Described =>
  describeAdminServer(commands.all, '/commands') as unknown as Described

/** What a value has that its schema does not allow. */
function complaints(value: unknown, schema: Schema, at: string): string[] {
  const types = [schema.type ?? []].flat()
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  const whole = kind === 'number' && Number.isInteger(value)
  const fits = types.some((type) => type === kind || (type === 'integer' && whole))
  if (!fits) return [`${at} is ${kind}, not ${types.join(' or ')}`]
  if (schema.const !== undefined && value !== schema.const) return [`${at} is not ${schema.const}`]
  if (Array.isArray(value)) return value.flatMap((item, i) => complaints(item, schema.items ?? {}, `${at}[${i}]`))
  if (kind !== 'object') return []
  const fields = value as Record<string, unknown>
  const missing = (schema.required ?? []).filter((name) => !(name in fields)).map((name) => `${at}.${name} is missing`)
  const wrong = Object.entries(fields).flatMap(([name, field]) => {
    const own = schema.properties?.[name] ?? schema.additionalProperties
    if (own === false || own === undefined) return [`${at}.${name} is not described`]
    return own === true ? [] : complaints(field, own, `${at}.${name}`)
  })
  return [...missing, ...wrong]
}

const member = (): Partial<AdminView> => ({ mode: 'leader' })

for (const [state, changes] of Object.entries({ standalone: {}, leader: member() })) {
  const commands = new AdminCommands(exampleView(changes))
  for (const command of commands.all) {
    test(`${command.names[0]} of a ${state} server answers as OpenAPI describes it`, async () => {
      const { method, names } = command
      const described = describe(commands).paths[`/commands/${names[0]}`]?.[method.toLowerCase()]
      assert.ok(described !== undefined)
      const body = (async function* () {})()
      const parameters = new Map([['traceMask', '7']])
      const asker = { authorization: 'digest a:b', address: '127.0.0.1', certificate: null }
      const request = { name: names[0], method, parameters, body, ...asker }
      const response = await commands.run(request)
      const content = described.responses[response.status]?.content['application/json']
      assert.ok(content !== undefined, `status ${response.status} is not described`)
      if (content.schema === undefined) return
      const answer: unknown = JSON.parse([...formatJson(response.json)].join(''))
      assert.deepEqual(complaints(answer, content.schema, names[0]), [])
    })
  }
}

test('every command is described, under each of its names, and nothing else is', () => {
  const commands = new AdminCommands(exampleView())
  assert.deepEqual(Object.keys(COMMAND_DOCS).sort(), [...commands.names])
  const names = commands.all.flatMap((command) => command.names.map((name) => `/commands/${name}`))
  const paths = Object.keys(describe(commands).paths).filter((path) => path.startsWith('/commands/'))
  assert.deepEqual(paths.sort(), names.sort())
})

test('a field that is not described is found', () => {
  const schema = {
    type: 'object',
    properties: { known: { type: 'integer' } },
    required: ['gone'],
    additionalProperties: false,
  }
  assert.deepEqual(complaints({ known: 1.5, more: 1 }, schema, 'x').sort(), [
    'x.gone is missing',
    'x.known is number, not integer',
    'x.more is not described',
  ])
})
