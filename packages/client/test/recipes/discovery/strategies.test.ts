import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ProviderStrategy,
  randomly,
  roundRobin,
  type ServiceInstance,
  sticky,
} from '../../../dist/recipes/index.js'

const instance = (id: string): ServiceInstance => ({
  name: 'worker',
  id,
  address: null,
  port: null,
  sslPort: null,
  payload: null,
  registrationTimeUTC: 0,
  serviceType: 'DYNAMIC',
  uriSpec: null,
  enabled: true,
})
const [A, B, C] = [instance('a'), instance('b'), instance('c')]

const ids = (strategy: ProviderStrategy<unknown>, ...rounds: ServiceInstance[][]): (string | undefined)[] =>
  rounds.map((instances) => strategy(instances)?.id)

test('round robin goes on through what is there', () => {
  const all = [A, B, C]
  assert.deepEqual(ids(roundRobin(), all, all, all, all, [A, B], [A, B], [], [C]), [
    'a',
    'b',
    'c',
    'a',
    'b',
    'a',
    undefined,
    'c',
  ])
})

test('at random each has its share of the numbers', () => {
  const draws = [0, 2 ** 31, 2 ** 32 - 1]
  const strategy = randomly({ uint32: () => draws.shift() ?? 0 })
  assert.deepEqual(ids(strategy, [A, B, C], [A, B, C], [A, B, C], []), ['a', 'b', 'c', undefined])
})

test('a sticky one stays while it is there unchanged', () => {
  const strategy = sticky(roundRobin())
  assert.deepEqual(ids(strategy, [A, B], [A, B], [B, C], [A, B, C], [{ ...B }, C]), ['a', 'a', 'c', 'c', 'c'])
  assert.deepEqual(ids(strategy, [], [A]), [undefined, 'a'])
})
