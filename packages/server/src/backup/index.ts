/** Backups of a server's files, and data directories made of them (`@vivarium/server/backup`). */

export {
  type Archived,
  Archiver,
  type ArchiverOptions,
  archivedDirectories,
  NothingToArchive,
} from './archiver.ts'
export { type BackupStore, DirectoryStore, type StoredObject } from './backup-store.ts'
export { type Base, endOf, readCatalogue, type Segment, type Stream } from './catalogue.ts'
export { pruneBackup } from './prune.ts'
export { BackupError, type Restored, type RestorePoint } from './replay.ts'
export { restoreBackup, verifyBackup } from './restore-backup.ts'
