import type { DiskError, File, OpenMode } from '../disk.ts'
import { type DiskOperation, failure } from './disk-operation.ts'
import type { FileChange, FileInode } from './inode.ts'
import type { MemoryDisk } from './memory-disk.ts'
import { copyOf } from './sparse-bytes.ts'

/** An open file of a {@link MemoryDisk}. */
export class MemoryFile implements File {
  readonly path: string
  readonly #disk: MemoryDisk
  readonly #inode: FileInode
  readonly #mode: OpenMode
  #open = true

  constructor(disk: MemoryDisk, path: string, inode: FileInode, mode: OpenMode) {
    this.#disk = disk
    this.path = path
    this.#inode = inode
    this.#mode = mode
  }

  write(
    bytes: Uint8Array,
    start: number,
    end: number,
    position: number,
    done: (error: DiskError | null) => void,
  ): void {
    const operation: DiskOperation = { kind: 'write', path: this.path, bytes: end - start }
    const copy = copyOf(bytes, start, end)
    let change: FileChange | null = null
    this.#disk.perform(
      operation,
      (fault) => {
        if (!this.#open || this.#mode === 'read') throw failure('EBADF', operation)
        const room = this.#disk.roomFor(this.#inode.contents, position, copy.length)
        const written = Math.min(room, fault === null ? copy.length : (fault.written ?? 0))
        if (written > 0) {
          change = { kind: 'write', position, bytes: copy.subarray(0, written) }
          this.#inode.change(change)
          this.#inode.modifiedMs = this.#disk.wallMs()
        }
        if (fault === null && written < copy.length) throw failure('ENOSPC', operation)
      },
      (error) => {
        if (Buffer.compare(bytes.subarray(start, end), copy) !== 0) {
          throw new Error(`The bytes of a write to ${this.path} have changed`)
        }
        const durable = this.#mode === 'create-durable' && !this.#disk.lies
        if (error === null && durable && change !== null) this.#inode.settle([change])
        done(error)
      },
    )
  }

  writeAt(bytes: Uint8Array, position: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.write(bytes, 0, bytes.length, position, (error) => (error === null ? resolve() : reject(error)))
    })
  }

  read(position: number, length: number): Promise<Uint8Array> {
    return this.#disk.request({ kind: 'read', path: this.path, bytes: length }, () =>
      this.#inode.contents.read(position, length),
    )
  }

  async readInto(bytes: Uint8Array, start: number, end: number, position: number): Promise<number> {
    return await this.#disk.request({ kind: 'read', path: this.path, bytes: end - start }, () =>
      this.#inode.contents.readInto(bytes, start, end, position),
    )
  }

  async sync(): Promise<void> {
    let covered: FileChange[] = []
    await this.#disk.request({ kind: 'sync', path: this.path, bytes: 0 }, () => {
      covered = [...this.#inode.unsynced]
    })
    if (!this.#disk.lies) this.#inode.settle(covered.filter((change) => this.#inode.unsynced.includes(change)))
  }

  size(): Promise<number> {
    return this.#disk.request({ kind: 'stat', path: this.path, bytes: 0 }, () => this.#inode.contents.size)
  }

  truncate(size: number): Promise<void> {
    return this.#disk.request({ kind: 'truncate', path: this.path, bytes: 0 }, () => {
      this.#inode.change({ kind: 'truncate', size })
    })
  }

  close(): Promise<void> {
    return this.#disk.request({ kind: 'close', path: this.path, bytes: 0 }, () => {
      this.#open = false
    })
  }
}
