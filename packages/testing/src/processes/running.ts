import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A server that has been started, wherever it runs. */
export interface Running {
  /** How it ended (`exit code 1`, `SIGKILL`), or null while it runs. */
  readonly ended: string | null
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<unknown>
  /** Ends it the hard way. */
  kill(): Promise<void>
  /** @throws {Error} if it is no process of its own */
  signal(signal: NodeJS.Signals): void
  /** The end of what it has said. */
  logTail(): string
}

/** Where a server lives, and what it is told. */
export interface Place {
  readonly directory: string
  /** Where clients connect. */
  readonly port: number
  /** Lines of zoo.cfg on top of the usual ones. */
  readonly config: Readonly<Record<string, string>>
}

/**
 * Writes the zoo.cfg of a server that listens on this machine alone, unless there is one that the server has changed itself,
 * as members do whose ensemble can be reconfigured. Returns its path.
 */
export function writeConfig({ directory, port, config }: Place): string {
  const dataDir = join(directory, 'data')
  mkdirSync(dataDir, { recursive: true })
  const file = join(directory, 'zoo.cfg')
  if (existsSync(file) && readFileSync(file, 'utf8').includes('\ndynamicConfigFile=')) return file
  const settings: Record<string, string> = {
    tickTime: '2000',
    dataDir,
    clientPort: String(port),
    clientPortAddress: '127.0.0.1',
    maxClientCnxns: '0',
    'admin.enableServer': 'false',
    '4lw.commands.whitelist': '*',
    ...config,
  }
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  )
  return file
}
