import type { DiskError } from '../disk.ts'

export type DiskOperationKind =
  | 'open'
  | 'create'
  | 'write'
  | 'read'
  | 'sync'
  | 'truncate'
  | 'close'
  | 'list'
  | 'stat'
  | 'makeDirectory'
  | 'rename'
  | 'remove'
  | 'syncDirectory'
  | 'freeBytes'
  | 'lock'

/** Something the disk was asked to do. `bytes` is how much, of a read or a write. */
export interface DiskOperation {
  readonly kind: DiskOperationKind
  readonly path: string
  readonly bytes: number
}

/** What goes wrong: the error's code (`EIO`, `ENOSPC` …), and how much of a write is done before it. */
export interface DiskFault {
  readonly code: string
  readonly written?: number
}

export function failure(code: string, operation: DiskOperation): DiskError {
  return Object.assign(new Error(`${code}: ${operation.kind} ${operation.path}`), { code })
}
