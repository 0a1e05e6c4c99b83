import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePort } from '@vivarium/testing'
import { loadConfig, type RunningServer, startServer } from '../../dist/index.js'
import { create } from '../protocol/requests.ts'
import { TestClient } from '../protocol/test-client.ts'
import { RecordedLog } from '../standalone/recorded-log.ts'
import { temporaryDirectory } from '../standalone/standalone.ts'
import { fixtureBytes, fixtureText, PASSWORD } from '../tls/fixtures.ts'

const SIDS = [1, 2, 3]

async function startMembers(t: TestContext, more = ''): Promise<{ running: RunningServer; log: RecordedLog }[]> {
  const directory = temporaryDirectory(t)
  const lines: string[] = []
  for (const sid of SIDS) {
    lines.push(`server.${sid}=127.0.0.1:${await freePort()}:${await freePort()}:participant;0\n`)
  }
  return await Promise.all(
    SIDS.map(async (sid) => {
      const dataDir = join(directory, String(sid))
      mkdirSync(dataDir)
      writeFileSync(join(dataDir, 'myid'), `${sid}\n`)
      const text = `dataDir=${dataDir}\nclientPort=0\ntickTime=500\ninitLimit=40\nsyncLimit=40\npreAllocSize=64\n${more}${lines.join('')}`
      const { config, messages } = loadConfig({ path: 'zoo.cfg', text })
      assert.ok(config, messages.map((message) => message.text).join('; '))
      const log = new RecordedLog()
      const running = await startServer({ config, env: { log } })
      t.after(() => running.close())
      return { running, log }
    }),
  )
}

test('three members over TCP and on real disks: writes, a leader that stops, the session that goes on', async (t) => {
  const members = await startMembers(t)
  await Promise.all(members.map(({ log }) => log.until(/^info: Serving as/)))
  const leader = members.findIndex(({ running }) => running.server.mode === 'leader')
  const portOf = (index: number): number => members[index % SIDS.length]?.running.address?.port ?? 0
  const client = await TestClient.connect(portOf(leader))
  for (let i = 0; i < 20; i++) await client.do('create', create(`/n${i}`, { data: 'x'.repeat(i * 1000), flags: i % 2 }))
  await members[leader]!.running.close()
  const others = members.filter((_, index) => index !== leader)
  await Promise.all(others.map(({ log }) => log.until(/^info: Serving as (?:follower|leader), in epoch [2-9]/)))
  const { sessionId, passwd } = client.session
  const moved = await TestClient.connect(portOf(leader + 1), { sessionId, passwd })
  assert.equal(moved.session.sessionId, sessionId)
  await moved.do('sync', { path: '/' })
  assert.equal((await moved.children('/')).length, 21)
  assert.equal((await moved.data('/n19'))?.length, 19_000)
  await moved.close()
})

test('members encrypt with stores that stand in their zoo.cfg', async (t) => {
  const keyStore = fixtureText('server.pem').trim().replaceAll('\n', '\\\n')
  const trustStore = fixtureBytes('trust.p12').toString('base64')
  const stores = `ssl.quorum.keyStore.inline=${keyStore}\nssl.quorum.trustStore.inline=${trustStore}\n`
  const tls = `sslQuorum=true\n${stores}ssl.quorum.trustStore.password=${PASSWORD}\n`
  const members = await startMembers(t, tls)
  await Promise.all(members.map(({ log }) => log.until(/^info: Serving as/)))
  const client = await TestClient.connect(members[0]?.running.address?.port ?? 0)
  await client.do('create', create('/over-tls'))
  await client.close()
})
