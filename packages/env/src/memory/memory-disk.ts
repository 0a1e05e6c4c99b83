import type { DirectoryLock, Disk, DiskError, File, OpenMode } from '../disk.ts'
import type { Random } from '../random.ts'
import { type DiskFault, type DiskOperation, failure } from './disk-operation.ts'
import { DirectoryInode, FileInode } from './inode.ts'
import { MemoryFile } from './memory-file.ts'
import { afterPowerCut, type PowerCut } from './power-cut.ts'
import { BLOCK_BYTES } from './sparse-bytes.ts'

export interface MemoryDiskOptions {
  /** Asked before each operation; null lets it succeed. Default: nothing fails. */
  readonly fault?: (operation: DiskOperation) => DiskFault | null
  /** Told when an operation starts (a write is under way by then: some of it may survive) and when it has ended. */
  readonly observe?: (operation: DiskOperation, moment: 'started' | 'ended') => void
  /** Calls `fire` when the operation shall complete. Default: as soon as the current code has run. */
  readonly schedule?: (operation: DiskOperation, fire: () => void) => void
  readonly capacityBytes?: number
  /** Whether the disk says of what is in its cache that it is durable. Default: never. */
  readonly lies?: () => boolean
  /** Time stamps of files. Default: always 0. */
  readonly wallMs?: () => number
}

function normalize(path: string): string {
  return path.replaceAll('\\', '/')
}

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

/**
 * A disk in memory that knows which changes would survive a power failure, and fails on request.
 *
 * It is as forgetful as POSIX allows: a new file's name is not kept before its directory was synced, and what was
 * written since the last sync may be there in part, in any order.
 *
 * @example
 * const disk = new MemoryDisk({ fault: ({ kind }) => (kind === 'sync' ? { code: 'EIO' } : null) })
 * const afterwards = disk.cutPower('scattered', random)
 */
export class MemoryDisk implements Disk {
  /** May be changed at any time, as when somebody removes other files. */
  capacityBytes: number
  readonly #options: MemoryDiskOptions
  readonly #root: DirectoryInode
  readonly #locked = new Set<string>()
  #halted = false

  constructor(options: MemoryDiskOptions = {}, root: DirectoryInode = new DirectoryInode()) {
    this.#options = options
    this.#root = root
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY
  }

  /** The disk as it may be after a power failure now. This one stays as it is. */
  cutPower(cut: PowerCut, random: Random, options: MemoryDiskOptions = {}): MemoryDisk {
    return new MemoryDisk(options, afterPowerCut(this.#root, cut, random))
  }

  /** The process that uses this disk has ended: nothing that is under way completes, and nothing more is done. */
  halt(): void {
    this.#halted = true
  }

  /** Changes bits of a file behind its owner's back: `mask` is XORed into the byte at `position`. */
  corrupt(path: string, position: number, mask: number): void {
    const inode = this.#file(path)
    for (const contents of [inode.contents, inode.durable]) {
      const byte = contents.read(position, 1)[0]
      if (byte !== undefined) contents.write(position, Uint8Array.of(byte ^ mask))
    }
  }

  /** The contents of a file, or some of them, as a reader would see them. */
  contents(path: string, position = 0, length = Number.POSITIVE_INFINITY): Uint8Array {
    return this.#file(path).contents.read(position, length)
  }

  /** Whether a file has only zeros from `position` on. */
  isZeroFrom(path: string, position: number): boolean {
    return this.#file(path).contents.isZeroFrom(position)
  }

  /** The names in a directory, as {@link list} gives them, at once; none if there is no such directory. */
  names(path: string): string[] {
    const inode = this.#find(split(normalize(path)))
    return inode instanceof DirectoryInode ? [...inode.entries.keys()].sort() : []
  }

  /** Puts a file there, durably; its directory must exist. */
  place(path: string, bytes: Uint8Array): void {
    const { directory, name } = this.#locate(path, { kind: 'create', path, bytes: bytes.length })
    const inode = new FileInode()
    inode.contents.write(0, bytes)
    inode.durable.write(0, bytes)
    directory.entries.set(name, inode)
    directory.durable.set(name, inode)
  }

  /** Makes a directory, durably; the one that it is in must exist. */
  placeDirectory(path: string): void {
    const { directory, name } = this.#locate(path, { kind: 'makeDirectory', path, bytes: 0 })
    const made = new DirectoryInode()
    directory.entries.set(name, made)
    directory.durable.set(name, made)
  }

  get lies(): boolean {
    return this.#options.lies?.() ?? false
  }

  /** All that has been written comes to be durable, as when a disk that lies has caught up. */
  settle(): void {
    const visit = (directory: DirectoryInode): void => {
      directory.settle(directory.unsynced)
      for (const inode of directory.entries.values()) {
        if (inode instanceof DirectoryInode) visit(inode)
        else inode.settle(inode.unsynced)
      }
    }
    visit(this.#root)
  }

  wallMs(): number {
    return this.#options.wallMs?.() ?? 0
  }

  /** How many of `length` bytes at `position` still fit on the disk. */
  roomFor(contents: FileInode['contents'], position: number, length: number): number {
    if (this.capacityBytes === Number.POSITIVE_INFINITY) return length
    let free = this.capacityBytes - this.#usedBytes()
    if (contents.growthBytes(position, length) <= free) return length
    let fitting = 0
    for (let at = position; at < position + length; at = (Math.floor(at / BLOCK_BYTES) + 1) * BLOCK_BYTES) {
      free -= contents.growthBytes(at, 1)
      if (free < 0) break
      fitting = Math.min(length, (Math.floor(at / BLOCK_BYTES) + 1) * BLOCK_BYTES - position)
    }
    return fitting
  }

  /** Runs an operation: `start` at once, `done` when the schedule says so. For {@link MemoryFile}. */
  perform(
    operation: DiskOperation,
    start: (fault: DiskFault | null) => void,
    done: (error: DiskError | null) => void,
  ): void {
    if (this.#halted) return
    let error: DiskError | null = null
    const fault = this.#options.fault?.(operation) ?? null
    try {
      start(fault)
      if (fault !== null) error = failure(fault.code, operation)
    } catch (thrown) {
      error = thrown as DiskError
    }
    this.#options.observe?.(operation, 'started')
    const schedule = this.#options.schedule ?? ((_: DiskOperation, fire: () => void) => queueMicrotask(fire))
    schedule(operation, () => {
      if (this.#halted) return
      done(error)
      this.#options.observe?.(operation, 'ended')
    })
  }

  /** As `perform`, for operations that answer a promise and do nothing when they fail. */
  request<T>(operation: DiskOperation, action: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let result: T
      this.perform(
        operation,
        (fault) => {
          if (fault === null) result = action()
        },
        (error) => (error === null ? resolve(result) : reject(error)),
      )
    })
  }

  open(path: string, mode: OpenMode): Promise<File> {
    const creates = mode === 'create' || mode === 'create-durable'
    const operation: DiskOperation = { kind: creates ? 'create' : 'open', path, bytes: 0 }
    return this.request(operation, () => {
      const { directory, name } = this.#locate(path, operation)
      let inode = directory.entries.get(name)
      if (inode instanceof DirectoryInode) throw failure('EISDIR', operation)
      if (inode === undefined) {
        if (!creates) throw failure('ENOENT', operation)
        if (this.#usedBytes() >= this.capacityBytes) throw failure('ENOSPC', operation)
        inode = new FileInode()
        directory.change([[name, inode]])
      } else if (creates) inode.change({ kind: 'truncate', size: 0 })
      return new MemoryFile(this, path, inode, mode)
    })
  }

  list(path: string): Promise<string[]> {
    const operation: DiskOperation = { kind: 'list', path, bytes: 0 }
    return this.request(operation, () => [...this.#directory(path, operation).entries.keys()].sort())
  }

  stat(path: string): Promise<{ size: number; directory: boolean; modifiedMs: number } | null> {
    return this.request({ kind: 'stat', path, bytes: 0 }, () => {
      const inode = this.#find(split(normalize(path)))
      if (inode === null) return null
      const size = inode instanceof FileInode ? inode.contents.size : 0
      return { size, directory: inode instanceof DirectoryInode, modifiedMs: inode.modifiedMs }
    })
  }

  makeDirectory(path: string): Promise<void> {
    const operation: DiskOperation = { kind: 'makeDirectory', path, bytes: 0 }
    return this.request(operation, () => {
      let directory = this.#root
      for (const part of split(normalize(path))) {
        let next = directory.entries.get(part)
        if (next instanceof FileInode) throw failure('ENOTDIR', operation)
        if (next === undefined) {
          next = new DirectoryInode()
          directory.change([[part, next]])
        }
        directory = next
      }
    })
  }

  rename(from: string, to: string): Promise<void> {
    const operation: DiskOperation = { kind: 'rename', path: to, bytes: 0 }
    return this.request(operation, () => {
      const source = this.#locate(from, operation)
      const target = this.#locate(to, operation)
      const inode = source.directory.entries.get(source.name)
      if (inode === undefined) throw failure('ENOENT', operation)
      if (source.directory === target.directory) {
        source.directory.change([
          [target.name, inode],
          [source.name, null],
        ])
      } else {
        target.directory.change([[target.name, inode]])
        source.directory.change([[source.name, null]])
      }
    })
  }

  remove(path: string): Promise<void> {
    const operation: DiskOperation = { kind: 'remove', path, bytes: 0 }
    return this.request(operation, () => {
      const { directory, name } = this.#locate(path, operation)
      if (!directory.entries.has(name)) throw failure('ENOENT', operation)
      directory.change([[name, null]])
    })
  }

  async syncDirectory(path: string): Promise<void> {
    const operation: DiskOperation = { kind: 'syncDirectory', path, bytes: 0 }
    const covered = await this.request(operation, () => {
      const directory = this.#directory(path, operation)
      return { directory, changes: [...directory.unsynced] }
    })
    if (this.lies) return
    covered.directory.settle(covered.changes.filter((change) => covered.directory.unsynced.includes(change)))
  }

  freeBytes(path: string): Promise<number> {
    return this.request({ kind: 'freeBytes', path, bytes: 0 }, () =>
      Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, this.capacityBytes - this.#usedBytes())),
    )
  }

  lock(path: string): Promise<DirectoryLock> {
    const operation: DiskOperation = { kind: 'lock', path, bytes: 0 }
    return this.request(operation, () => {
      this.#directory(path, operation)
      const key = split(normalize(path)).join('/')
      if (this.#locked.has(key)) throw failure('EBUSY', operation)
      this.#locked.add(key)
      const release = async (): Promise<void> => {
        this.#locked.delete(key)
      }
      return { release }
    })
  }

  #usedBytes(): number {
    let used = 0
    const seen = new Set<FileInode>()
    const visit = (directory: DirectoryInode): void => {
      for (const inode of directory.entries.values()) {
        if (inode instanceof DirectoryInode) visit(inode)
        else if (!seen.has(inode)) {
          seen.add(inode)
          used += inode.contents.usedBytes
        }
      }
    }
    if (this.capacityBytes !== Number.POSITIVE_INFINITY) visit(this.#root)
    return used
  }

  #find(parts: readonly string[]): FileInode | DirectoryInode | null {
    let inode: FileInode | DirectoryInode = this.#root
    for (const part of parts) {
      if (inode instanceof FileInode) return null
      const next = inode.entries.get(part)
      if (next === undefined) return null
      inode = next
    }
    return inode
  }

  #directory(path: string, operation: DiskOperation): DirectoryInode {
    const inode = this.#find(split(normalize(path)))
    if (inode === null) throw failure('ENOENT', operation)
    if (inode instanceof FileInode) throw failure('ENOTDIR', operation)
    return inode
  }

  #file(path: string): FileInode {
    const inode = this.#find(split(normalize(path)))
    if (inode instanceof FileInode) return inode
    throw new Error(`${path} is not a file`)
  }

  #locate(path: string, operation: DiskOperation): { directory: DirectoryInode; name: string } {
    const parts = split(normalize(path))
    const name = parts.pop()
    if (name === undefined) throw failure('EINVAL', operation)
    const directory = this.#find(parts)
    if (!(directory instanceof DirectoryInode)) throw failure('ENOENT', operation)
    return { directory, name }
  }
}
