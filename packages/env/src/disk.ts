/** A system error of a disk operation: `code` is `ENOSPC`, `EIO`, `ENOENT`, `EACCES`, … */
export interface DiskError extends Error {
  readonly code?: string
}

/** An open file. Offsets and lengths are in bytes. */
export interface File {
  readonly path: string
  /**
   * Writes all of `bytes[start, end)` at `position`, then calls `done`. In a file opened with `durable` the bytes are on
   * the disk by then. `bytes` must not change until `done`. After an error how much was written is unknown.
   */
  write(bytes: Uint8Array, start: number, end: number, position: number, done: (error: DiskError | null) => void): void
  /** As `write`; the bytes may still be only in the system's cache when it resolves. */
  writeAt(bytes: Uint8Array, position: number): Promise<void>
  /** Reads up to `length` bytes; fewer at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>
  /** Reads from `position` into `bytes[start, end)`, and resolves to how many bytes: fewer at the end of the file. */
  readInto(bytes: Uint8Array, start: number, end: number, position: number): Promise<number>
  /** Makes what was written survive a power failure (fdatasync). */
  sync(): Promise<void>
  size(): Promise<number>
  truncate(size: number): Promise<void>
  close(): Promise<void>
}

export type OpenMode =
  /** Must exist; reading only. */
  | 'read'
  /** Must exist; reading and writing. */
  | 'update'
  /** Created, or emptied if it exists; reading and writing. */
  | 'create'
  /** As `create`, and every write is on the disk before it completes (O_DSYNC). */
  | 'create-durable'

/** An exclusive claim on a directory, see {@link Disk.lock}. */
export interface DirectoryLock {
  release(): Promise<void>
}

/** Files and directories. Every method rejects with a {@link DiskError}. */
export interface Disk {
  /** @param like a file whose permissions one that is created gets, if that is there */
  open(path: string, mode: OpenMode, like?: string): Promise<File>
  /** The names in a directory, sorted. */
  list(path: string): Promise<string[]>
  /** Null when there is nothing at that path. */
  stat(path: string): Promise<{ size: number; directory: boolean; modifiedMs: number } | null>
  /** Creates a directory, and the ones above it. */
  makeDirectory(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes creations, renames and removals inside a directory survive a power failure. */
  syncDirectory(path: string): Promise<void>
  /** Bytes that a process without privileges may still write. */
  freeBytes(path: string): Promise<number>
  /**
   * Claims a directory, so that no second server works in it. The claim ends with the process, however it ends, and
   * leaves nothing behind that would block the next one. Rejects with `code` `EBUSY` when another holds it, and with
   * `ENOTSUP` where the file system offers no means.
   */
  lock(path: string): Promise<DirectoryLock>
}
