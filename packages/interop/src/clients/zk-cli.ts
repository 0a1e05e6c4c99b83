import { apacheJava } from '../apache.ts'
import { APACHE, type ServerKind, ServerProcess } from '../server-process.ts'
import { type Checks, CLIENT_TEST_OPTIONS, runProgram } from './run-checks.ts'

/** What is typed into Apache's shell: every command, with what it does well and what it refuses. */
const COMMANDS = `
ls /
create /cli one
create /cli two
create /none/cli x
create -e /cli-ephemeral
create -s /cli/n- x
create -s -e /cli/n- x
create -c /cli/container
create -t 100000 /cli/ttl x
create -s -t 100000 /cli/ttl- x
get /cli
get -s /cli
get -b /cli
get -x /cli
get /none
stat /cli
set /cli two
set -v 0 /cli three
set -s /cli three
ls /cli
ls -s /cli
ls -R /cli
getAllChildrenNumber /cli
getEphemerals
getEphemerals /none
getAcl /cli
setAcl /cli world:anyone:cdrw
getAcl -s /cli
setAcl /cli world:anyone:cdrwa
addauth digest bob:secret
create /cli/bobs x auth::cdrwa
getAcl /cli/bobs
create /cli/denied x ip:10.0.0.1:cdrwa
get /cli/denied
create /cli/wrong x nonsense:x:cdrwa
whoami
setquota -N 3 /cli
setquota -n 10 /cli/container
listquota /cli
create /cli/over x
set /cli longer
delquota -N /cli
setquota -B 10 /cli/ttl
set /cli/ttl far-too-long-for-ten
delquota /cli/ttl
sync /
ls -w /cli
stat -w /cli
set /cli four
addWatch -m PERSISTENT_RECURSIVE /cli
set /cli/ttl five
create /cli/watched x
removewatches /cli
delete /cli
delete -v 7 /cli/watched
delete /zookeeper
deleteall /cli/container
ls /cli
config
config -s
reconfig -add server.9=127.0.0.1:1:2;3
nonsense
ls relative
deleteall /cli
ls /
close
ls /
quit
`

/** The shell's words to one server, less what has to differ: times, and where events come between. */
export interface Conversation {
  output: string[]
  events: string[]
}

/** Has the conversation with a fresh server. */
export async function talkThroughZkCli(kind: ServerKind): Promise<Conversation> {
  const server = await ServerProcess.start(kind, CLIENT_TEST_OPTIONS)
  try {
    const address = `127.0.0.1:${server.port}`
    const args = apacheJava('org.apache.zookeeper.ZooKeeperMain', ['-server', address], { 'zk.log': 'OFF' })
    const { output } = await runProgram({ file: 'java', args }, [], COMMANDS.trimStart())
    const lines = output
      .replaceAll(address, 'ADDRESS')
      .replaceAll(/(ctime|mtime) = .*/g, '$1 = TIME')
      .split('\n')
      .map((line) => line.trimEnd())
    const isEvent = (line: string) => line === '' || line === 'WATCHER::' || line.startsWith('WatchedEvent')
    return {
      output: identitiesInOrder(lines.filter((line) => !isEvent(line))),
      events: lines.filter((line) => line.startsWith('WatchedEvent')),
    }
  } finally {
    await server.dispose()
  }
}

/** `whoami` lists a connection's identities in the order of a hash table. */
function identitiesInOrder(lines: string[]): string[] {
  const start = lines.indexOf('Auth scheme: User') + 1
  let end = start
  while (/^(digest|ip): /.test(lines[end] ?? '')) end++
  return [...lines.slice(0, start), ...lines.slice(start, end).sort(), ...lines.slice(end)]
}

/** Has the same conversation with Apache and with another server; each line that is the same is a check passed. */
export async function compareZkCli(kind: ServerKind): Promise<Checks> {
  const theirs = await talkThroughZkCli(APACHE)
  const ours = await talkThroughZkCli(kind)
  const checks: Checks = { passed: [], failed: [] }
  for (const part of ['output', 'events'] as const) {
    for (let at = 0; at < Math.max(theirs[part].length, ours[part].length); at++) {
      const expected = theirs[part][at] ?? 'nothing'
      const got = ours[part][at] ?? 'nothing'
      if (got === expected) checks.passed.push(`${part} ${at + 1}: ${got}`)
      else checks.failed.push(`${part} ${at + 1}: ${got}, where Apache says: ${expected}`)
    }
  }
  return checks
}
