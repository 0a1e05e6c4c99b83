import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { eventually } from '@vivarium/testing'
import { apacheClassPath } from '../apache.ts'
import { type Command, kazooPython } from '../clients/peers.ts'
import { cached, PACKAGE, run } from '../install.ts'
import type { ServerKind } from '../server-process.ts'
import { type CheckReport, check, withEnsemble } from './roles.ts'

const SOURCES = join(PACKAGE, 'src', 'ensembles')

const CLIENTS: Readonly<Record<'java' | 'kazoo', () => Command>> = {
  java: () => {
    const program = join(SOURCES, 'java', 'ReadOnlyClient.java')
    const classes = cached('read-only-client', [readFileSync(program, 'utf8')], (folder) => {
      run('javac', ['-d', folder, '-cp', apacheClassPath(), program])
    })
    const options = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dzk.log=OFF', '-cp', apacheClassPath(classes)]
    return { file: 'java', args: [...options, 'ReadOnlyClient'] }
  },
  kazoo: () => ({ file: kazooPython(), args: ['-u', join(SOURCES, 'python', 'read_only_client.py')] }),
}

/**
 * A member that loses the others serves those who only read, and everybody once it has found them again: seen by Apache's
 * client and kazoo.
 *
 * @param survivor the first of three members, that the clients speak to @param others of the other members
 * @param config lines of every zoo.cfg
 */
export function checkReadOnly(
  survivor: ServerKind,
  others: ServerKind,
  config: Readonly<Record<string, string>>,
): Promise<CheckReport> {
  // Apache takes this from the command line only.
  const system = { 'readonlymode.enabled': 'true' }
  return withEnsemble(3, { config, system }, async (ensemble, report) => {
    const kindOf = (sid: number): ServerKind => (sid === 1 ? survivor : others)
    await ensemble.start(kindOf)
    const first = ensemble.member(1)
    const writer = await first.connect()
    await writer.create('/before')
    writer.destroy()
    for (const sid of [2, 3]) await ensemble.member(sid).kill()
    await eventually('it is read-only', async () => ((await first.mode()) === 'read-only' ? true : null))
    check(report, 'isro', (await first.process?.word('isro')) === 'ro')
    const programs = (['java', 'kazoo'] as const).map((name) => new Program(name, `127.0.0.1:${first.port}`))
    try {
      for (const program of programs) {
        const { name } = program
        await program.reaches('read-only')
        check(report, `${name} reads`, (await program.ask('exists /before')) === 'yes')
        check(report, `${name} may not write`, (await program.ask(`create /${name}`)) === 'refused')
      }
      await ensemble.start(kindOf, [2])
      check(report, 'isro again', (await first.process?.word('isro')) === 'rw')
      for (const program of programs) {
        const { name } = program
        await program.reaches('read-write')
        check(report, `${name} writes`, (await program.ask(`create /${name}`)) === 'ok')
      }
    } finally {
      for (const program of programs) program.end()
    }
    check(report, 'in the end', await ensemble.differences())
  })
}

/** A client in a process of its own that does what it is told, line by line. */
class Program {
  readonly name: keyof typeof CLIENTS
  readonly #child: ChildProcess
  readonly #lines: NodeJS.EventEmitter

  constructor(name: keyof typeof CLIENTS, hosts: string) {
    this.name = name
    const { file, args } = CLIENTS[name]()
    this.#child = spawn(file, [...args, hosts], { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })
  }

  async ask(line: string): Promise<string> {
    const answered = once(this.#lines, 'line', { signal: AbortSignal.timeout(30_000) })
    this.#child.stdin?.write(`${line}\n`)
    const [answer] = await answered
    return String(answer)
  }

  async reaches(state: string): Promise<void> {
    await eventually(`${this.name} is ${state}`, async () => ((await this.ask('state')) === state ? true : null))
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }
}
