import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const PATIENCE_MS = 600_000

/** Starts a file beside this one where nothing keeps it from being in time: this process may be busy with a browser, or very many sockets. */
export const startProcess = (file: string): ChildProcess => fork(fileURLToPath(new URL(file, import.meta.url)))

/** Tells a process something, and resolves to what it says next. */
export async function ask(child: ChildProcess, message: object | number): Promise<unknown> {
  const answered = once(child, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) })
  child.send(message)
  const [answer] = await answered
  return answer
}
