import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type ServerKind, ServerProcess } from '../server-process.ts'
import { debianClient, debianEnvironment } from './peers.ts'
import { type Checks, CLIENT_TEST_OPTIONS } from './run-checks.ts'

/** What is typed into the C client's shell, and what has to come of it. */
const EXCHANGES: readonly (readonly [command: string, answer: RegExp])[] = [
  ['ls /', /\/: rc = 0\n\tzookeeper/],
  ['create /shell', /\[\/shell\]: rc = 0/],
  ['create /shell', /\[\/shell\]: rc = -110/],
  ['create +e /shell/ephemeral', /\[\/shell\/ephemeral\]: rc = 0/],
  ['create2 +s /shell/n', /\[\/shell\/n\]: rc = 0/],
  ['create +c /shell/container', /\[\/shell\/container\]: rc = 0/],
  ['create +t=100000 /shell/ttl', /\[\/shell\/ttl\]: rc = 0/],
  ['ls2 /shell', /\/shell: rc = 0\n(\t(ephemeral|n0000000001|container|ttl)\n){4}/],
  ['set /shell hello', /\/shell: rc = 0/],
  ['get /shell', /\/shell: rc = 0\n value_len = 5\nhello/],
  ['get /none', /\/none: rc = -101/],
  // Says nothing of what it finds, but sets the watch that fires next.
  ['wexists /shell', /^/],
  ['set /shell again', /CHANGED_EVENT state = CONNECTED_STATE for path \/shell/],
  ['delete /shell', /\/shell: rc = -111/],
  ['sync /shell', /\[\/shell\]: rc = 0/],
  ['delete /shell/ttl', /\/shell\/ttl: rc = 0/],
  ['config', /rc = 0/],
]

const PATIENCE_MS = 10_000

/** Types each command in turn and waits for what has to come of it. */
export async function talkThroughCShell(kind: ServerKind): Promise<Checks> {
  const server = await ServerProcess.start(kind, CLIENT_TEST_OPTIONS)
  const program = join(debianClient(), '/usr/lib/zookeeper/bin/cli_mt')
  // Its output would come in blocks, at the end, without a line buffer.
  const shell = spawn('stdbuf', ['-oL', program, `127.0.0.1:${server.port}`], { env: debianEnvironment() })
  let output = ''
  let heard: () => void = () => {}
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
      heard()
    })
  }
  const hear = (answer: RegExp) =>
    new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), PATIENCE_MS)
      heard = () => {
        if (!answer.test(output)) return
        clearTimeout(timer)
        resolve(true)
      }
      heard()
    })
  const checks: Checks = { passed: [], failed: [] }
  const exchanges = [['', /new session id/] as const, ...EXCHANGES]
  for (const [command, answer] of exchanges) {
    if (command !== '') {
      output = ''
      shell.stdin.write(`${command}\n`)
    }
    if (await hear(answer)) checks.passed.push(command || 'connect')
    else checks.failed.push(`${command || 'connect'}: no ${answer} in: ${output}`)
  }
  shell.stdin.end()
  await once(shell, 'close')
  await server.dispose()
  return checks
}
