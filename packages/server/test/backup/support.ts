import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { nodeClock, nodeDisk } from '@vivarium/env/node'
import { Archiver, type BackupStore } from '../../dist/backup/index.js'
import { RecordedLog } from '../standalone/recorded-log.ts'
import type { Standalone } from '../standalone/standalone.ts'

export const world = { disk: nodeDisk, clock: nodeClock }

export function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-backup-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Follows a server into a store. */
export function archiverOf({ dataDir }: Standalone, store: BackupStore, snapshotEveryMs = 3_600_000): Archiver {
  const directory = join(dataDir, 'version-2')
  const log = new RecordedLog()
  return new Archiver({ ...world, log, snapshotDirectory: directory, logDirectory: directory, store, snapshotEveryMs })
}

/** The digests that a server has kept, by zxid. */
export async function digestsOf(server: Standalone): Promise<Map<number, string>> {
  const digests = new Map<number, string>()
  for (const { zxid, digest } of server.server.server.view.digests()) digests.set(zxid, digest.toString(16))
  return digests
}
