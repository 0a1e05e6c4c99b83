import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline'
import { completer } from './completion.ts'
import type { Invocation } from './invocation.ts'
import { type Output, Shell } from './shell.ts'

/** Reads commands from a person at a terminal, or from a script, line by line. Returns the exit code of the last. */
export async function interact(invocation: Invocation): Promise<number> {
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true
  let atPrompt = false
  let lines: Interface | null = null
  // What comes while a line is being typed is printed above it.
  const print = (stream: NodeJS.WriteStream, text: string): void => {
    if (atPrompt && terminal) {
      cursorTo(process.stdout, 0)
      clearLine(process.stdout, 0)
    }
    stream.write(text)
    if (!atPrompt || !terminal) return
    // What came may be that there is a connection, which the prompt tells, too.
    lines?.setPrompt(shell.prompt)
    lines?.prompt(true)
  }
  const output: Output = { out: (text) => print(process.stdout, text), err: (text) => print(process.stderr, text) }
  const shell = new Shell(invocation, output)
  await shell.start()
  if (!invocation.quiet) output.out('Welcome to Vivarium! (help lists the commands, quit ends)\n')
  lines = createInterface({
    input: process.stdin,
    ...(terminal && { output: process.stdout }),
    terminal,
    completer: completer(shell),
  })
  lines.on('SIGINT', () => {
    if (!shell.interrupt()) lines?.close()
  })
  const ask = (): void => {
    atPrompt = true
    lines?.setPrompt(shell.prompt)
    if (terminal) lines?.prompt()
  }
  ask()
  for await (const line of lines) {
    atPrompt = false
    await shell.executeLine(line)
    if (shell.hasQuit) break
    ask()
  }
  lines.close()
  await shell.close()
  return shell.exitCode
}
