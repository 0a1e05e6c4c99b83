export { CorruptLogError, type LogDamage } from './corrupt-log-error.ts'
export { DataDirectory, DataDirectoryError, type DataDirectoryOptions } from './data-directory.ts'
export { readHistory, removeOtherHistory, truncateHistory } from './history.ts'
export { isDiskFull } from './log-file.ts'
export { LogRecord, type LogScan, listLogs, readLogs, repairLogs } from './log-reader.ts'
export { type PurgeResult, Purger } from './purge.ts'
export { type Recovery, type RecoveryOptions, recover } from './recovery.ts'
export { RecoveryError } from './recovery-error.ts'
export type { Compression, SnapshotFile } from './snapshot-format.ts'
export {
  isIntact,
  type LoadedSnapshot,
  loadSnapshot,
  loadSnapshotStream,
  type SnapshotDamage,
} from './snapshot-reader.ts'
export {
  estimateSnapshotBytes,
  InlineSnapshotRunner,
  type SnapshotRunner,
  type SnapshotSource,
} from './snapshot-runner.ts'
export { SnapshotSchedule, type SnapshotScheduleOptions } from './snapshot-schedule.ts'
export {
  listSnapshots,
  type SnapshotOutcome,
  SnapshotStore,
  type SnapshotStoreOptions,
} from './snapshot-store.ts'
export type { WrittenSnapshot } from './snapshot-writer.ts'
export { TransactionLog, type TransactionLogEvents, type TransactionLogOptions } from './transaction-log.ts'
export { WorkerSnapshotRunner } from './worker-snapshot-runner.ts'
