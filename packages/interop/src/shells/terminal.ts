import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Checks } from '../clients/run-checks.ts'
import { REPOSITORY } from '../install.ts'
import type { ServerProcess } from '../server-process.ts'

/** Python's standard library has what Node.js lacks: a pseudo-terminal to run a program in. */
const IN_A_TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'
const UP = '\x1b[A'
const INTERRUPT = '\x03'

/** What a person types, and what has to come of it. */
const EXCHANGES: readonly (readonly [typed: string, answer: RegExp])[] = [
  ['', /Welcome to Vivarium!.*\(CONNECTED\) 0\] /s],
  ['getAllC\t', /getAllChildrenNumber /],
  ['/zookeeper\r', /\n2\r\n.*\(CONNECTED\) 1\] /s],
  ['create /typed-one\r', /Created \/typed-one\r\n.* 2\] /s],
  ['create /typed-two\r', /Created \/typed-two\r\n.* 3\] /s],
  ['ls /ty\t', /\/typed-/],
  ['\t', /\/typed-one\s+\/typed-two\s/],
  ['o\t', /one$/],
  ['\r', /\n\[\]\r\n.* 4\] /s],
  [UP, /ls \/typed-one/],
  ['\r', /\n\[\]\r\n.* 5\] /s],
  ['create none\r', /Path must start with \/ character\r\n.* 6\] /s],
  ['watch -R /typed-one\r', /\nresync /],
  [INTERRUPT, / 7\] /],
  ['create /typed-one/x\r', /Created/],
  ['get -w /typed-one/x\r', /null/],
  ['delete /typed-one/x\r', /WATCHER::\r\n\r\nWatchedEvent state:SyncConnected type:NodeDeleted path:\/typed-one\/x/],
  ['nosuch\r', /Command not found nosuch\r\n/],
  ['quit\r', /quit\r+\n/],
]
const PATIENCE_MS = 20_000

/** Talks to our shell as a person does, at a terminal. */
export async function talkAtTerminal(server: ServerProcess): Promise<Checks> {
  const shell = spawn(
    'python3',
    [
      '-c',
      IN_A_TERMINAL,
      process.execPath,
      join(REPOSITORY, 'packages', 'cli', 'bin', 'vivarium.js'),
      '-server',
      `127.0.0.1:${server.port}`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TERM: 'xterm' } },
  )
  let shown = ''
  let look = (): void => {}
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    look()
  })
  const closed = once(shell, 'close')
  const shows = (answer: RegExp): Promise<boolean> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), PATIENCE_MS)
      look = () => {
        if (!answer.test(shown)) return
        clearTimeout(timer)
        resolve(true)
      }
      look()
    })
  const checks: Checks = { passed: [], failed: [] }
  const note = (passed: boolean, what: string): void => void (passed ? checks.passed : checks.failed).push(what)
  for (const [typed, answer] of EXCHANGES) {
    shown = ''
    shell.stdin.write(typed)
    const found = await shows(answer)
    note(found, `${JSON.stringify(typed)}: ${answer}${found ? '' : ` is not in ${JSON.stringify(shown)}`}`)
    if (!found) break
  }
  if (checks.failed.length > 0) shell.kill()
  const [code] = (await closed) as [number | null]
  if (checks.failed.length === 0) note(code === 127, `it ends with the exit code of the last command, here ${code}`)
  return checks
}
