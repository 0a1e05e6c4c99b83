import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseInstance, serializeInstance } from '../../../dist/recipes/discovery/service-instance.js'
import { buildUri, InstanceFormatError, parseUriSpec, type ServiceInstance } from '../../../dist/recipes/index.js'

const INSTANCE: ServiceInstance = {
  name: 'worker',
  id: 'w1',
  address: '10.0.0.7',
  port: 8080,
  sslPort: null,
  payload: { zone: 'a' },
  registrationTimeUTC: 1_700_000_000_000,
  serviceType: 'DYNAMIC',
  uriSpec: parseUriSpec('{scheme}://{address}:{port}/{ path }'),
  enabled: true,
}

const same = (value: unknown): unknown => value
const parse = (text: string): ServiceInstance => parseInstance(Buffer.from(text), same)

test('the JSON is that of Curator', () => {
  const parts = [
    '{"value":"scheme","variable":true},{"value":"://","variable":false},{"value":"address","variable":true}',
    '{"value":":","variable":false},{"value":"port","variable":true},{"value":"/","variable":false}',
    '{"value":"path","variable":true}',
  ].join(',')
  const json = `{"name":"worker","id":"w1","address":"10.0.0.7","port":8080,"sslPort":null,"payload":{"zone":"a"},"registrationTimeUTC":1700000000000,"serviceType":"DYNAMIC","uriSpec":{"parts":[${parts}]}}`
  assert.equal(serializeInstance(INSTANCE), json)
  assert.deepEqual(parse(json), INSTANCE)
  const disabled = serializeInstance({ ...INSTANCE, enabled: false })
  assert.equal(disabled, json.replace(/}$/, ',"enabled":false}'))
  assert.equal(parse(disabled).enabled, false)
})

test('fields that are missing have defaults, and those that are not known are passed by', () => {
  assert.deepEqual(parse('{"name":"worker","more":[1]}'), {
    name: 'worker',
    id: '',
    address: null,
    port: null,
    sslPort: null,
    payload: null,
    registrationTimeUTC: 0,
    serviceType: 'DYNAMIC',
    uriSpec: null,
    enabled: true,
  })
})

test('whatever is in a znode, it is an instance or an InstanceFormatError', () => {
  const field = fc.constantFrom('name', 'id', 'address', 'port', 'payload', 'serviceType', 'uriSpec', 'enabled', 'x')
  const object = fc.dictionary(field, fc.jsonValue()).map((value) => JSON.stringify(value))
  fc.assert(
    fc.property(fc.oneof(object, fc.json(), fc.string()), (text) => {
      try {
        const instance = parse(text)
        assert.deepEqual(parse(serializeInstance(instance)), instance)
      } catch (error) {
        assert.ok(error instanceof InstanceFormatError)
      }
    }),
  )
})

test('an address is built from the instance and from what is given', () => {
  assert.equal(buildUri(INSTANCE, { path: 'api' }), 'http://10.0.0.7:8080/api')
  assert.equal(buildUri({ ...INSTANCE, sslPort: 443 }), 'https://10.0.0.7:8080/')
  assert.equal(buildUri({ ...INSTANCE, uriSpec: parseUriSpec('{[}{service-type}{]}{ssl-port}') }), '{dynamic}')
  assert.equal(buildUri({ ...INSTANCE, uriSpec: null }), '')
  for (const bad of ['{a', 'a}', '{a{b}}']) assert.throws(() => parseUriSpec(bad), { code: 'BAD_ARGUMENT' })
})
