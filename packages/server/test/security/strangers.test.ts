import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePort } from '@vivarium/testing'
import { loadConfig, type RunningServer, startServer } from '../../dist/index.js'
import { encodeInitialMessage } from '../../dist/quorum/initial-message.js'
import { RecordedLog } from '../standalone/recorded-log.ts'
import { temporaryDirectory } from '../standalone/standalone.ts'

const LOGIN = 'org.apache.zookeeper.server.auth.DigestLoginModule required'
const SIDS = [1, 2]

interface Member {
  readonly running: RunningServer
  readonly log: RecordedLog
  readonly quorumPort: number
  readonly electionPort: number
}

async function startMembers(t: TestContext, more: string): Promise<Member[]> {
  const directory = temporaryDirectory(t)
  const ports = await Promise.all(SIDS.map(async () => [await freePort(), await freePort()] as const))
  const lines = ports.map(([quorum, election], i) => `server.${i + 1}=127.0.0.1:${quorum}:${election};0\n`)
  const jaas = join(directory, 'jaas.conf')
  writeFileSync(
    jaas,
    `QuorumServer { ${LOGIN} user_member="secret"; };\nQuorumLearner { ${LOGIN} username="member" password="secret"; };\n`,
  )
  return await Promise.all(
    SIDS.map(async (sid, i) => {
      const dataDir = join(directory, String(sid))
      mkdirSync(dataDir)
      writeFileSync(join(dataDir, 'myid'), `${sid}\n`)
      const text = `dataDir=${dataDir}\nclientPort=0\ntickTime=500\ninitLimit=40\nsyncLimit=40\npreAllocSize=64\njava.security.auth.login.config=${jaas}\n${more}${lines.join('')}`
      const { config, messages } = loadConfig({ path: 'zoo.cfg', text })
      assert.ok(config, messages.map((message) => message.text).join('; '))
      const log = new RecordedLog()
      const running = await startServer({ config, env: { log } })
      t.after(() => running.close())
      const [quorumPort, electionPort] = ports[i] ?? [0, 0]
      return { running, log, quorumPort, electionPort }
    }),
  )
}

/** Says something at a port, and resolves to whether anything was answered before the other side closed the connection. */
function isAnswered(port: number, said: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.once('data', () => {
      resolve(true)
      socket.destroy()
    })
    socket.once('close', () => resolve(false))
    socket.write(said)
  })
}

/** A server that nobody knows, which asks the leader to be let in as an observer (LearnerHandler's OBSERVERINFO). */
function joining(): Buffer {
  const packet = Buffer.alloc(4 + 8 + 4 + 20 + 4)
  packet.writeInt32BE(16, 0)
  packet.writeInt32BE(20, 12)
  packet.writeBigInt64BE(99n, 16)
  packet.writeInt32BE(0x10000, 24)
  packet.writeInt32BE(-1, 36)
  return packet
}

/** The same in an election: a vote of its own, to which members that have a leader say who that is. */
function voting(): Buffer {
  const hello = encodeInitialMessage(99, [{ host: '127.0.0.1', quorumPort: 1, electionPort: 2 }], false)
  const vote = Buffer.alloc(4 + 40)
  vote.writeInt32BE(40)
  vote.writeBigInt64BE(99n, 8)
  vote.writeBigInt64BE(1n, 24)
  return Buffer.concat([hello, vote])
}

const REQUIRED =
  'quorum.auth.enableSasl=true\nquorum.auth.learnerRequireSasl=true\nquorum.auth.serverRequireSasl=true\nfips-mode=false\n'

for (const [name, config, answered] of [
  ['a stranger is let into no ensemble whose members authenticate', REQUIRED, false],
  ['and into one whose members do not', '', true],
] as const) {
  test(`CVE-2018-8012: ${name}, at either port`, async (t) => {
    const members = await startMembers(t, config)
    await Promise.all(members.map(({ log }) => log.until(/^info: Serving as/)))
    const leader = members.find(({ running }) => running.server.mode === 'leader')
    assert.ok(leader)
    assert.equal(await isAnswered(leader.quorumPort, joining()), answered)
    assert.equal(await isAnswered(leader.electionPort, voting()), answered)
  })
}
