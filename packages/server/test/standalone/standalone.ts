import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { loadConfig, type RunningServer, type StartOptions, startServer } from '../../dist/index.js'
import { RawConnection } from '../protocol/raw-connection.ts'
import { TestClient } from '../protocol/test-client.ts'
import { RecordedLog } from './recorded-log.ts'

/** A standalone server as users have it, in this process. */
export class Standalone {
  readonly server: RunningServer
  readonly log: RecordedLog
  readonly dataDir: string

  constructor(server: RunningServer, log: RecordedLog, dataDir: string) {
    this.server = server
    this.log = log
    this.dataDir = dataDir
  }

  get port(): number {
    return this.server.address?.port ?? 0
  }

  /** A new session. */
  client(request: Parameters<typeof TestClient.connect>[1] = {}): Promise<TestClient> {
    return TestClient.connect(this.port, request)
  }

  /** What a four-letter word, and what follows it, is answered with. */
  async word(...parts: readonly (string | Uint8Array)[]): Promise<string> {
    const connection = await RawConnection.open(this.port)
    connection.send(...parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
    return (await connection.untilClosed()).rest
  }

  /** What `mntr` says of one metric. */
  async metric(name: string): Promise<string | undefined> {
    return new RegExp(`^zk_${name}\\t(.*)$`, 'm').exec(await this.word('mntr'))?.[1]
  }

  close(): Promise<void> {
    return this.server.close()
  }
}

/** A directory that is gone after the test. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-standalone-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/**
 * Starts a server, which is stopped after the test.
 *
 * @param settings lines of its zoo.cfg, over those that make it quick
 */
export async function startStandalone(
  t: TestContext,
  settings: Readonly<Record<string, string | number>> = {},
  env: StartOptions['env'] = {},
): Promise<Standalone> {
  const dataDir = String(settings.dataDir ?? temporaryDirectory(t))
  const lines = {
    dataDir,
    clientPort: 0,
    clientPortAddress: '127.0.0.1',
    forceSync: 'no',
    preAllocSize: 64,
    '4lw.commands.whitelist': '*',
    ...settings,
  }
  const text = Object.entries(lines).map(([key, value]) => `${key}=${value}\n`)
  const { config, messages } = loadConfig({ path: 'zoo.cfg', text: text.join('') })
  if (config === null) throw new Error(messages.map((message) => message.text).join('; '))
  const log = new RecordedLog()
  const server = await startServer({ config, env: { log, ...env } })
  t.after(() => server.close())
  return new Standalone(server, log, dataDir)
}
