import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Op, ZooKeeper } from '@vivarium/client'
import { silentLog } from '@vivarium/env'
import { createServerConfig, startServer } from '@vivarium/server'
import type { Output } from '../../dist/toolkit/output.js'

/** A data directory that a server has left, with one of each kind of transaction in its log. */
export class UsedDirectory implements Disposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async make(): Promise<UsedDirectory> {
    const path = mkdtempSync(join(tmpdir(), 'vivarium-tools-'))
    const config = createServerConfig({
      dataDir: path,
      clientPort: 0,
      clientPortAddress: '127.0.0.1',
      forceSync: false,
      extendedTypesEnabled: true,
    })
    const server = await startServer({ config, env: { log: silentLog } })
    const zk = await ZooKeeper.connect(`127.0.0.1:${server.address?.port}`)
    await zk.create('/app', { data: 'hello' })
    await zk.create('/app/ephemeral', { mode: 'EPHEMERAL' })
    await zk.create('/app/container', { mode: 'CONTAINER' })
    await zk.create('/app/ttl', { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1000_000 })
    await zk.setData('/app', Buffer.from([0xff, 0xfe]))
    await zk.setACL('/app', [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }])
    await zk.multi([Op.create('/multi', { data: 'm' }), Op.delete('/multi')])
    await zk.delete('/app/container')
    await zk.create('/app').catch(() => {})
    await zk.close()
    await server.close()
    return new UsedDirectory(path)
  }

  file(prefix: string): string {
    const folder = join(this.path, 'version-2')
    const names = readdirSync(folder).filter((name) => name.startsWith(prefix))
    return join(folder, names[0] as string)
  }

  /** Changes a byte of the first occurrence of a text. */
  corrupt(path: string, text: string): void {
    const bytes = readFileSync(path)
    bytes[bytes.indexOf(text)]! ^= 1
    writeFileSync(path, bytes)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** What a tool printed. */
export class Printed implements Output {
  out = ''
  err = ''

  print(text: string): Promise<void> {
    this.out += text
    return Promise.resolve()
  }

  warn(line: string): void {
    this.err += `${line}\n`
  }

  /** Standard output as lines of JSON. */
  get values(): Record<string, unknown>[] {
    return this.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }
}
