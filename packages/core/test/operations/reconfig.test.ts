import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseQuorumConfig, type QuorumConfig, type Reconfigurable } from '@vivarium/core'
import { type ErrorCode, Operation, Perm, Reader, type ReconfigRequest } from '@vivarium/protocol'
import { digestIdentity, TestServer } from '../pipeline/server.ts'

const MEMBERS = [1, 2, 3].map((sid) => `server.${sid}=h${sid}:2888:3888:participant;0.0.0.0:2181`)
const configOf = (version: number): QuorumConfig =>
  parseQuorumConfig([...MEMBERS, `version=${version.toString(16)}`].join('\n')) as QuorumConfig

/** An ensemble of servers 1 to 3, of which `connected` are there besides the leader, server 1. */
function ensembleOf(connected: readonly number[], others: Partial<Reconfigurable> = {}): Reconfigurable {
  const config = configOf(0x1_0000_0000)
  return {
    config,
    lastSeen: config,
    leastVoters: 2,
    severalAddresses: false,
    hasQuorumOf: (next) => next.containsQuorum([1, ...connected]),
    ...others,
  }
}

const wish = (request: Partial<ReconfigRequest>): ReconfigRequest => ({
  joiningServers: null,
  leavingServers: null,
  newMembers: null,
  curConfigId: -1,
  ...request,
})

const FOURTH = 'server.4=h4:2888:3888;2181'

function serverOf(ensemble: Reconfigurable | null, options = {}): TestServer {
  return new TestServer({ reconfigEnabled: true, skipAcl: true, ensemble, ...options })
}

function codeOf(ensemble: Reconfigurable | null, request: Partial<ReconfigRequest>, options = {}): ErrorCode {
  return serverOf(ensemble, options).client().code('reconfig', wish(request))
}

test('errors, in the order in which they are looked for', () => {
  const calm = ensembleOf([2, 3, 4])
  assert.equal(codeOf(calm, {}, { reconfigEnabled: false }), 'RECONFIGDISABLED')
  assert.equal(codeOf(null, {}), 'UNIMPLEMENTED')
  const pending = ensembleOf([2, 3, 4], { lastSeen: configOf(0x1_0000_0005) })
  assert.equal(codeOf(pending, { curConfigId: 1 }), 'RECONFIGINPROGRESS')
  assert.equal(codeOf(calm, { curConfigId: 1, leavingServers: 'x' }), 'BADVERSION')
  assert.equal(codeOf(calm, { curConfigId: 0x1_0000_0000, leavingServers: 'x' }), 'BADARGUMENTS')
  assert.equal(codeOf(calm, { leavingServers: '2,3' }), 'BADARGUMENTS', 'one voter is not enough')
  assert.equal(codeOf(calm, { newMembers: 'server.2=a:1:2|b:1:2,server.3=c:1:2' }), 'BADARGUMENTS')
  assert.equal(codeOf(ensembleOf([]), { joiningServers: FOURTH }, { skipAcl: false }), 'NEWCONFIGNOQUORUM')
  assert.equal(codeOf(calm, { joiningServers: FOURTH }, { skipAcl: false }), 'NOAUTH')
  assert.equal(codeOf(calm, { joiningServers: FOURTH }), 'OK')
})

test('one voter, and several addresses, are in order where they are allowed', () => {
  assert.equal(codeOf(ensembleOf([], { leastVoters: 1 }), { leavingServers: '2,3' }), 'OK')
  assert.equal(codeOf(ensembleOf([], { leastVoters: 1 }), { leavingServers: '1,2,3' }), 'BADARGUMENTS')
  const newMembers = 'server.1=a:1:2,server.2=a:3:4|b:3:4'
  assert.equal(codeOf(ensembleOf([2], { severalAddresses: true }), { newMembers }), 'OK')
})

test('the new configuration is the data of /zookeeper/config, in the tree and in the answer, with version −1', () => {
  const server = serverOf(ensembleOf([2, 3, 4]))
  const watcher = server.client()
  assert.equal(watcher.code('getData', { path: '/zookeeper/config', watch: true }), 'OK')
  const { body } = server.client().ask('reconfig', wish({ joiningServers: FOURTH, curConfigId: 0x1_0000_0000 }))
  const answer = Operation.reconfig.response.read(new Reader(body))
  const zxid = server.log.at(-1)?.zxid as number
  const expected = [...MEMBERS, 'server.4=h4:2888:3888:participant;0.0.0.0:2181', `version=${zxid.toString(16)}`]
  assert.equal(Buffer.from(answer.data as Uint8Array).toString(), expected.join('\n'))
  assert.equal(answer.stat.version, -1)
  assert.equal(answer.stat.mzxid, zxid)
  assert.deepEqual(watcher.takeBrief(), [`event 3 /zookeeper/config @${zxid}`])
})

test('whoever has WRITE on /zookeeper/config may reconfigure', () => {
  const options = { skipAcl: false, ensemble: ensembleOf([2, 3, 4]), reconfigEnabled: true }
  const server = new TestServer(options)
  const operator = digestIdentity('operator:secret')
  server.tree.setAcl('/zookeeper/config', server.database.internAcl([{ perms: Perm.ALL, id: operator }]), -1)
  assert.equal(server.client().code('reconfig', wish({ joiningServers: FOURTH })), 'NOAUTH')
  assert.equal(server.client(operator).code('reconfig', wish({ joiningServers: FOURTH })), 'OK')
})
