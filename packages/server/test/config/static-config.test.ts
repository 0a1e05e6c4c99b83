import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseProperties } from '../../dist/config/properties.js'
import { pointToDynamicFile, versionOfDynamicFile } from '../../dist/config/static-config.js'

test('members move to another file; comments and all other lines stay', () => {
  const text = [
    '# ours',
    'tickTime=2000',
    'server.1=a:1:2',
    'server.2 : b:\\',
    '   1:2',
    '#server.3=c:1:2',
    'group.1=1:2',
    'weight.1=1',
    'peerType=observer',
    'clientPort=2181',
    'clientPortAddress=::1',
    'clientPortListenBacklog=9',
    'dynamicConfigFile=/old',
    'x=\\',
    '',
  ].join('\n')
  assert.equal(
    pointToDynamicFile(text, '/zoo.cfg.dynamic.5', true),
    '# ours\ntickTime=2000\n#server.3=c:1:2\nclientPortListenBacklog=9\nx=\\\n\ndynamicConfigFile=/zoo.cfg.dynamic.5\n',
  )
  assert.match(pointToDynamicFile(text, '/new', false), /^clientPort=2181\nclientPortAddress=::1$/m)
  assert.equal(pointToDynamicFile('', '/new', false), 'dynamicConfigFile=/new\n')
})

test('what is left says what it said before', () => {
  const line = fc.constantFrom(
    'a=1',
    'server.1=x',
    '# c',
    'b=2\\',
    '  c=3',
    'clientPort=1',
    'group.1=1\\',
    '',
    'peerType x',
  )
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), (lines, withoutClientPort) => {
      const pairs = (text: string): string[] =>
        parseProperties(text).properties.map(({ key, value }) => `${key}=${value}`)
      const before = pairs([...lines, ''].join('\n'))
      const after = pairs(pointToDynamicFile([...lines, ''].join('\n'), '/new', withoutClientPort))
      const gone = withoutClientPort ? /^(server|group|peerType|clientPort)/ : /^(server|group|peerType)/
      const kept = before.filter((pair) => !gone.test(pair))
      assert.deepEqual(after, [...kept, 'dynamicConfigFile=/new'])
    }),
  )
})

test('the name of a dynamic file tells its version', () => {
  for (const [path, version] of [
    ['/etc/zoo.cfg.dynamic.100000000', 2 ** 32],
    ['zoo.cfg.dynamic.0', 0],
    ['zoo.cfg.dynamic.C', 12],
    ['zoo.cfg.dynamic', 0],
    ['/etc/members', 0],
    ['dead', 0xdead],
  ] as const) {
    assert.equal(versionOfDynamicFile(path), version, path)
  }
})
