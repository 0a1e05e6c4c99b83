import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyNames } from '../../dist/config/keys.js'
import { nearestName } from '../../dist/config/nearest-name.js'

const CASES: readonly (readonly [name: string, nearest: string | undefined])[] = [
  ['ticktime', 'tickTime'],
  ['tikcTime', 'tickTime'],
  ['maxClientConns', 'maxClientCnxns'],
  ['autopurge.purgeinterval', 'autopurge.purgeInterval'],
  ['autopurge.snapRetainCnt', 'autopurge.snapRetainCount'],
  ['client_port', 'clientPort'],
  ['data-dir', 'dataDir'],
  ['4lw.command.whitelist', '4lw.commands.whitelist'],
  ['my.own.setting', undefined],
  ['x', undefined],
  ['', undefined],
  ['t'.repeat(100_000), undefined],
]

for (const [name, nearest] of CASES) {
  test(`${JSON.stringify(name.slice(0, 40))} was ${nearest === undefined ? 'nothing we know' : `meant to be ${nearest}`}`, () => {
    assert.equal(nearestName(name, keyNames()), nearest)
  })
}
