import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Checks, CLIENT_TEST_OPTIONS } from '../clients/run-checks.ts'
import { APACHE, freePort, type ServerKind, ServerProcess } from '../server-process.ts'
import { ApacheShell } from './apache-shell.ts'
import { EXPLAINED } from './explained.ts'
import { LINES, RECONFIG_LINES } from './lines.ts'
import { OwnShell } from './own-shell.ts'
import type { Said, Shell } from './shell.ts'

type Start = (server: string) => Promise<Shell>
export const apacheShell: Start = (server) => ApacheShell.start(server)
export const ownShell: Start = (server) => OwnShell.start(server)

export interface Conversation {
  readonly answers: readonly string[][]
  readonly events: readonly string[]
}

/**
 * Tells a shell all these lines, and what it said, less what has to differ from one server to the next. The server is
 * its own, and ends with it.
 */
export async function converse(start: Start, server: ServerProcess, lines: readonly string[]): Promise<Conversation> {
  try {
    const shell = await start(`127.0.0.1:${server.port}`)
    const clean = (line: string): string =>
      line
        .replaceAll(`:${server.port}`, ':PORT')
        .replace(/(ctime|mtime) = .*/, '$1 = TIME')
        .replace(/ephemeralOwner = 0x[0-9a-f]{4,}/, 'ephemeralOwner = SESSION')
        // Ours says what is wrong without the name of Java's exception.
        .replace(/org\.apache\.commons\.cli\.\w+: /, '')
    const answers: string[][] = []
    for (const line of lines) {
      const said = await shell.run(line.replaceAll(':SAME', `:${server.port}`))
      answers.push(answerOf(inOrder(line, said)).map(clean))
    }
    await shell.end()
    return { answers, events: shell.events.map(clean) }
  } finally {
    await server.dispose()
  }
}

function answerOf({ out, err, exitCode }: Said): string[] {
  return [...out.map((line) => `out: ${line}`), ...err.map((line) => `err: ${line}`), `exit code: ${exitCode}`]
}

/** Some commands list what there is in the order of a hash table. */
function inOrder(line: string, said: Said): Said {
  if (line.startsWith('whoami')) return { ...said, out: [...said.out].sort() }
  const isList = line.startsWith('getEphemerals') || line === 'config -c'
  return isList
    ? {
        ...said,
        out: said.out.map((list) =>
          list
            .split(/[[\], ]+/)
            .sort()
            .join(' '),
        ),
      }
    : said
}

/**
 * Compares what two shells said to the same lines.
 *
 * @param explained lines that are answered otherwise, and why: that they are is checked, too
 */
export function compare(
  lines: readonly string[],
  theirs: Conversation,
  ours: Conversation,
  explained: ReadonlyMap<string, string>,
): Checks {
  const checks: Checks = { passed: [], failed: [] }
  for (const [at, line] of lines.entries()) {
    const [expected, got] = [theirs, ours].map(({ answers }) => answers[at]?.join('\n') ?? 'nothing')
    if ((got === expected) !== explained.has(line)) checks.passed.push(line)
    else if (got === expected)
      checks.failed.push(`${line}: the same, where it is explained that ${explained.get(line)}`)
    else checks.failed.push(`${line}:\n${got}\n  where Apache's shell says:\n${expected}`)
  }
  const [expected, got] = [theirs, ours].map(({ events }) => events.join('\n'))
  if (got === expected) checks.passed.push('events')
  else checks.failed.push(`events:\n${got}\n  where Apache's shell says:\n${expected}`)
  return checks
}

/** Has the conversation with Apache's shell and its server, and with ours and a server of this kind. */
export async function compareShells(kind: ServerKind): Promise<Checks> {
  const theirs = await converse(apacheShell, await ServerProcess.start(APACHE, CLIENT_TEST_OPTIONS), LINES)
  const ours = await converse(ownShell, await ServerProcess.start(kind, CLIENT_TEST_OPTIONS), LINES)
  return compare(LINES, theirs, ours, EXPLAINED)
}

/** The same with a member of an ensemble, as only those have `reconfig`. */
export async function compareReconfig(kind: ServerKind): Promise<Checks> {
  const port = await freePort()
  const quorumPorts = `${await freePort()}:${await freePort()}`
  const talk = async (start: Start, member: ServerKind): Promise<Conversation> => {
    const directory = mkdtempSync(join(tmpdir(), 'interop-reconfig-'))
    try {
      mkdirSync(join(directory, 'data'))
      writeFileSync(join(directory, 'data', 'myid'), '1')
      const config = {
        standaloneEnabled: 'false',
        reconfigEnabled: 'true',
        skipACL: 'yes',
        initLimit: '10',
        syncLimit: '5',
        'server.1': `127.0.0.1:${quorumPorts}:participant;127.0.0.1:${port}`,
      }
      const server = await ServerProcess.start(member, { directory, port, config })
      return await converse(start, server, RECONFIG_LINES)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }
  const theirs = await talk(apacheShell, APACHE)
  return compare(RECONFIG_LINES, theirs, await talk(ownShell, kind), EXPLAINED)
}
