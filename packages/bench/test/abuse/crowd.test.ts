import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Crowd } from '../../dist/abuse/crowd.js'
import { ServerProcess, VIVARIUM } from '../../dist/abuse/interop.js'

const SESSIONS = 50

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await delay(10)
}

test('a crowd comes back with its sessions, and tells of those that are gone', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-crowd-'))
  const first = await ServerProcess.start(VIVARIUM, { directory })
  const crowd = new Crowd({ ports: [first.port], sessions: SESSIONS, timeoutMs: 20_000 })
  t.after(() => {
    crowd.close()
    rmSync(directory, { recursive: true, force: true })
  })
  await until(() => crowd.state.attached === SESSIONS)
  await first.kill()
  await until(() => crowd.state.attached === 0 && crowd.state.losses >= SESSIONS)
  const second = await ServerProcess.start(VIVARIUM, { directory, port: first.port })
  await until(() => crowd.state.attached === SESSIONS)
  assert.equal(crowd.state.expired, 0)
  await second.kill()
  rmSync(join(directory, 'data', 'version-2'), { recursive: true })
  const empty = await ServerProcess.start(VIVARIUM, { directory, port: first.port })
  await until(() => crowd.state.attached === SESSIONS)
  assert.equal(crowd.state.expired, SESSIONS)
  await empty.dispose()
})
