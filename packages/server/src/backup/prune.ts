import type { BackupStore } from './backup-store.ts'
import { readCatalogue } from './catalogue.ts'

/**
 * Removes what is only of use for states older than the newest `keep` snapshots: older snapshots, the log before them, whole
 * streams. The oldest goes first, so that what is left is good at any moment. @returns the names of what was removed
 */
export async function pruneBackup(store: BackupStore, keep: number): Promise<string[]> {
  const streams = await readCatalogue(store)
  const kept = new Set(
    streams
      .flatMap(({ bases }) => bases.toReversed())
      .slice(0, Math.max(1, keep))
      .map(({ name }) => name),
  )
  const removed: string[] = []
  for (const { bases, segments } of streams.toReversed()) {
    const oldest = bases.find(({ name }) => kept.has(name))?.zxid ?? Number.POSITIVE_INFINITY
    const unwanted = [...segments.filter(({ last }) => last <= oldest), ...bases.filter(({ name }) => !kept.has(name))]
    for (const { name } of unwanted) {
      await store.remove(name)
      removed.push(name)
    }
  }
  return removed
}
