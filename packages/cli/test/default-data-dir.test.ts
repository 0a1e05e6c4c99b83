import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultDataDir } from '../dist/default-data-dir.js'

const CASES: readonly (readonly [platform: string, environment: Record<string, string>, directory: string])[] = [
  ['linux', {}, '/home/me/.local/share/vivarium'],
  ['linux', { XDG_DATA_HOME: '/srv/me' }, '/srv/me/vivarium'],
  ['linux', { XDG_DATA_HOME: 'relative' }, '/home/me/.local/share/vivarium'],
  ['linux', { XDG_DATA_HOME: '' }, '/home/me/.local/share/vivarium'],
  ['darwin', { XDG_DATA_HOME: '/srv/me' }, '/home/me/Library/Application Support/vivarium'],
  ['win32', { LOCALAPPDATA: '/local' }, '/local/vivarium'],
  ['win32', {}, '/home/me/AppData/Local/vivarium'],
]

for (const [platform, environment, directory] of CASES) {
  test(`on ${platform} with ${JSON.stringify(environment)} data goes to ${directory}`, () => {
    assert.equal(defaultDataDir(platform, environment, '/home/me').replaceAll('\\', '/'), directory)
  })
}
