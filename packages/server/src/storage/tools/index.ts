/**
 * What tools for data directories are made of (`@vivarium/server/storage`): readers that go on whatever is wrong, and the
 * examination of a whole directory.
 */

export { listLogs } from '../log-reader.ts'
export { type PurgeResult, Purger } from '../purge.ts'
export type { SnapshotFile } from '../snapshot-format.ts'
export { type LoadedSnapshot, loadSnapshot, type SnapshotDamage } from '../snapshot-reader.ts'
export { listSnapshots } from '../snapshot-store.ts'
export { type CopiedLog, type CopyChoice, copyLog } from './copy-log.ts'
export { type Examination, type ExaminedDirectories, type ExaminedSnapshot, examine, type Outlook } from './examine.ts'
export type { LogBreak, LogExamination, LogFile } from './examine-logs.ts'
export type { Finding, Repair, RepairStep } from './finding.ts'
export { applyRepair } from './repair.ts'
export { type LogFileEnd, type LogHeader, LogScanner, type ScannedRecord } from './scan-log.ts'
export { SnapshotScanner, snapshotAt } from './scan-snapshot.ts'
export type { SnapshotNode } from './snapshot-items.ts'
