import fs from 'node:fs'
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Disk, DiskError, File, OpenMode } from '../disk.ts'
import { lockDirectory } from './directory-lock.ts'

const { O_RDONLY, O_RDWR, O_CREAT, O_TRUNC, O_DSYNC } = fs.constants

/** Elsewhere the flag is missing (Windows) or leaves the bytes in the drive's cache (macOS): each write is synced. */
const HAS_DURABLE_WRITES = process.platform === 'linux'

const openFile = promisify(fs.open)
const closeFile = promisify(fs.close)
const syncFile = promisify(fs.fsync)
const syncFileData = promisify(fs.fdatasync)
const statFile = promisify(fs.fstat)
const truncateFile = promisify(fs.ftruncate)
const permitFile = promisify(fs.fchmod)

function flagsOf(mode: OpenMode): number {
  switch (mode) {
    case 'read':
      return O_RDONLY
    case 'update':
      return O_RDWR
    case 'create':
      return O_RDWR | O_CREAT | O_TRUNC
    case 'create-durable':
      return O_RDWR | O_CREAT | O_TRUNC | (HAS_DURABLE_WRITES ? O_DSYNC : 0)
  }
}

class NodeFile implements File {
  readonly path: string
  readonly #descriptor: number
  readonly #syncsEachWrite: boolean

  constructor(path: string, descriptor: number, syncsEachWrite: boolean) {
    this.path = path
    this.#descriptor = descriptor
    this.#syncsEachWrite = syncsEachWrite
  }

  write(
    bytes: Uint8Array,
    start: number,
    end: number,
    position: number,
    done: (error: DiskError | null) => void,
  ): void {
    fs.write(this.#descriptor, bytes, start, end - start, position, (error, written) => {
      if (error !== null) done(error)
      else if (written < end - start) {
        // The system may take a part, as when the disk fills up: asking again for the rest tells why.
        if (written > 0) this.write(bytes, start + written, end, position + written, done)
        else done(Object.assign(new Error(`EIO: nothing was written to ${this.path}`), { code: 'EIO' }))
      } else if (this.#syncsEachWrite) fs.fdatasync(this.#descriptor, done)
      else done(null)
    })
  }

  writeAt(bytes: Uint8Array, position: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.write(bytes, 0, bytes.length, position, (error) => (error === null ? resolve() : reject(error)))
    })
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    return bytes.subarray(0, await this.readInto(bytes, 0, length, position))
  }

  readInto(bytes: Uint8Array, start: number, end: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      let at = start
      const more = (): void => {
        fs.read(this.#descriptor, bytes, at, end - at, position + at - start, (error, count) => {
          if (error !== null) return reject(error)
          at += count
          if (count > 0 && at < end) more()
          else resolve(at - start)
        })
      }
      more()
    })
  }

  sync(): Promise<void> {
    return syncFileData(this.#descriptor)
  }

  async size(): Promise<number> {
    return (await statFile(this.#descriptor)).size
  }

  truncate(size: number): Promise<void> {
    return truncateFile(this.#descriptor, size)
  }

  close(): Promise<void> {
    return closeFile(this.#descriptor)
  }
}

async function permissionsOf(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null)
  return found === null ? null : found.mode & 0o777
}

/** The machine's file system. */
export const nodeDisk: Disk = {
  async open(path, mode, like) {
    const permissions = like === undefined ? null : await permissionsOf(like)
    const descriptor = await openFile(path, flagsOf(mode), permissions ?? 0o644)
    // What was there already is not as it was asked for; a file system without permissions has none to keep.
    if (permissions !== null) await permitFile(descriptor, permissions).catch(() => {})
    return new NodeFile(path, descriptor, mode === 'create-durable' && !HAS_DURABLE_WRITES)
  },

  async list(path) {
    return (await readdir(path)).sort()
  },

  async stat(path) {
    try {
      const found = await stat(path)
      return { size: found.size, directory: found.isDirectory(), modifiedMs: found.mtimeMs }
    } catch (error) {
      const code = (error as DiskError).code
      if (code === 'ENOENT' || code === 'ENOTDIR') return null
      throw error
    }
  },

  async makeDirectory(path) {
    await mkdir(path, { recursive: true })
  },

  rename,

  async remove(path) {
    await rm(path, { recursive: false })
  },

  async syncDirectory(path) {
    // Windows cannot open directories; NTFS keeps its names in a journal.
    if (process.platform === 'win32') return
    const descriptor = await openFile(path, O_RDONLY)
    try {
      await syncFile(descriptor)
    } finally {
      await closeFile(descriptor)
    }
  },

  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  },

  lock: lockDirectory,
}
