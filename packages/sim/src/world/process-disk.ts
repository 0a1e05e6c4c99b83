import type { DirectoryLock, Disk, DiskError, File, OpenMode } from '@vivarium/env'
import type { SimProcess } from './process.ts'

/** A promise that is settled in the process, and so never once that has ended. */
function inProcess<T>(process: SimProcess, start: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (!process.alive) return
    start().then(
      (value) => process.run(() => resolve(value)),
      (error: unknown) => process.run(() => reject(error)),
    )
  })
}

/** A disk as one process uses it: its locks end with it, and it hears of nothing afterwards. */
export class ProcessDisk implements Disk {
  readonly #disk: Disk
  readonly #process: SimProcess

  constructor(disk: Disk, process: SimProcess) {
    this.#disk = disk
    this.#process = process
  }

  async open(path: string, mode: OpenMode, like?: string): Promise<File> {
    const file = await inProcess(this.#process, () => this.#disk.open(path, mode, like))
    return new ProcessFile(file, this.#process)
  }

  list(path: string): Promise<string[]> {
    return inProcess(this.#process, () => this.#disk.list(path))
  }

  stat(path: string): Promise<{ size: number; directory: boolean; modifiedMs: number } | null> {
    return inProcess(this.#process, () => this.#disk.stat(path))
  }

  makeDirectory(path: string): Promise<void> {
    return inProcess(this.#process, () => this.#disk.makeDirectory(path))
  }

  rename(from: string, to: string): Promise<void> {
    return inProcess(this.#process, () => this.#disk.rename(from, to))
  }

  remove(path: string): Promise<void> {
    return inProcess(this.#process, () => this.#disk.remove(path))
  }

  syncDirectory(path: string): Promise<void> {
    return inProcess(this.#process, () => this.#disk.syncDirectory(path))
  }

  freeBytes(path: string): Promise<number> {
    return inProcess(this.#process, () => this.#disk.freeBytes(path))
  }

  async lock(path: string): Promise<DirectoryLock> {
    return inProcess(this.#process, async () => {
      const lock = await this.#disk.lock(path)
      const { alive } = this.#process
      if (alive) this.#process.whenEnded(() => void lock.release())
      else void lock.release()
      return lock
    })
  }
}

class ProcessFile implements File {
  readonly #file: File
  readonly #process: SimProcess

  constructor(file: File, process: SimProcess) {
    this.#file = file
    this.#process = process
  }

  get path(): string {
    return this.#file.path
  }

  write(
    bytes: Uint8Array,
    start: number,
    end: number,
    position: number,
    done: (error: DiskError | null) => void,
  ): void {
    if (!this.#process.alive) return
    this.#file.write(bytes, start, end, position, (error) => this.#process.run(() => done(error)))
  }

  writeAt(bytes: Uint8Array, position: number): Promise<void> {
    return inProcess(this.#process, () => this.#file.writeAt(bytes, position))
  }

  read(position: number, length: number): Promise<Uint8Array> {
    return inProcess(this.#process, () => this.#file.read(position, length))
  }

  readInto(bytes: Uint8Array, start: number, end: number, position: number): Promise<number> {
    return inProcess(this.#process, () => this.#file.readInto(bytes, start, end, position))
  }

  sync(): Promise<void> {
    return inProcess(this.#process, () => this.#file.sync())
  }

  size(): Promise<number> {
    return inProcess(this.#process, () => this.#file.size())
  }

  truncate(size: number): Promise<void> {
    return inProcess(this.#process, () => this.#file.truncate(size))
  }

  close(): Promise<void> {
    return inProcess(this.#process, () => this.#file.close())
  }
}
