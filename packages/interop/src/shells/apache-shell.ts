import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { apacheClassPath, apacheJars } from '../apache.ts'
import { cached, PACKAGE, run } from '../install.ts'
import { linesOf, type Said, type Shell } from './shell.ts'

const PROGRAM = join(PACKAGE, 'src', 'shells', 'java', 'ShellRun.java')
const MARK = /^@@ exit code (-?\d+)\n/m

/** Apache's `ZooKeeperMain`, one JVM for all that it is told. */
export class ApacheShell implements Shell {
  readonly events: string[] = []
  readonly #child: ChildProcessWithoutNullStreams
  readonly #printed = { out: '', err: '' }
  #look: () => void = () => {}

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    for (const [name, stream] of [['out', child.stdout] as const, ['err', child.stderr] as const]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#printed[name] += text
        this.#look()
      })
    }
    child.on('close', () => this.#look())
  }

  static async start(server: string, options: readonly string[] = []): Promise<ApacheShell> {
    const java = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dzk.log=OFF', '-cp', apacheClassPath(classes())]
    const args = ['org.apache.zookeeper.ShellRun', '-server', server, '-waitforconnection', ...options]
    const shell = new ApacheShell(spawn('java', [...java, ...args]))
    await shell.#said()
    return shell
  }

  run(line: string): Promise<Said> {
    this.#child.stdin.write(`${line}\n`)
    return this.#said()
  }

  async end(): Promise<void> {
    this.#child.stdin.end()
    if (this.#child.exitCode === null) await once(this.#child, 'close')
  }

  /** What was printed up to the next mark, which is on both streams. */
  async #said(): Promise<Said> {
    await new Promise<void>((resolve, reject) => {
      this.#look = () => {
        if (MARK.test(this.#printed.out) && MARK.test(this.#printed.err)) resolve()
        else if (this.#child.exitCode !== null) reject(new Error(`Apache's shell ended: ${this.#printed.err}`))
      }
      this.#look()
    })
    const [out, code] = this.#take('out')
    const { lines, events } = linesOf(out)
    this.events.push(...events)
    return { out: lines, err: linesOf(this.#take('err')[0]).lines, exitCode: Number(code) }
  }

  #take(name: 'out' | 'err'): [text: string, code: string] {
    const found = MARK.exec(this.#printed[name]) as RegExpExecArray
    const [mark, code = ''] = found
    const text = this.#printed[name].slice(0, found.index)
    this.#printed[name] = this.#printed[name].slice(found.index + mark.length)
    return [text, code]
  }
}

function classes(): string {
  return cached('shell-run', [readFileSync(PROGRAM, 'utf8')], (folder) => {
    run('javac', ['-d', folder, '-cp', join(apacheJars(), '*'), PROGRAM])
  })
}
