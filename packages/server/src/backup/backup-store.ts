import { join } from 'node:path'
import type { Disk } from '@vivarium/env'
import { piecesOf } from '../storage/pieces-of.ts'

/** Something that is kept in a store. */
export interface StoredObject {
  /** Parts are separated by slashes. */
  readonly name: string
  readonly bytes: number
}

/** Where a backup is kept. What is there is never changed: only added, and removed. Every method rejects on failure. */
export interface BackupStore {
  /** For messages: `/mnt/backup`, `s3://bucket/prefix`. */
  readonly description: string
  /** Everything, sorted by name. */
  list(): Promise<StoredObject[]>
  /** Resolves once it is surely kept, in whole; otherwise nothing of it is there. */
  put(name: string, contents: AsyncIterable<Uint8Array>): Promise<void>
  /** Rejects, then or while it is read, if it is not there. */
  get(name: string): AsyncIterable<Uint8Array>
  remove(name: string): Promise<void>
}

/** What is being written has this at the end of its name. */
const UNFINISHED = '.tmp'

/** A store in a directory, which may be a mounted one. */
export class DirectoryStore implements BackupStore {
  readonly description: string
  readonly #disk: Disk
  readonly #directory: string

  constructor(disk: Disk, directory: string) {
    this.description = directory
    this.#disk = disk
    this.#directory = directory
  }

  async list(): Promise<StoredObject[]> {
    const objects: StoredObject[] = []
    for (const folder of await this.#names(this.#directory)) {
      for (const file of await this.#names(join(this.#directory, folder))) {
        const found = await this.#disk.stat(join(this.#directory, folder, file))
        if (found === null || found.directory || file.endsWith(UNFINISHED)) continue
        objects.push({ name: `${folder}/${file}`, bytes: found.size })
      }
    }
    return objects.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async put(name: string, contents: AsyncIterable<Uint8Array>): Promise<void> {
    const path = join(this.#directory, name)
    const folder = join(path, '..')
    await this.#disk.makeDirectory(folder)
    const file = await this.#disk.open(path + UNFINISHED, 'create')
    try {
      let position = 0
      for await (const piece of contents) {
        await file.writeAt(piece, position)
        position += piece.length
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await this.#disk.rename(path + UNFINISHED, path)
    await this.#disk.syncDirectory(folder)
    await this.#disk.syncDirectory(this.#directory)
  }

  get(name: string): AsyncIterable<Uint8Array> {
    return piecesOf(this.#disk, join(this.#directory, name))
  }

  remove(name: string): Promise<void> {
    return this.#disk.remove(join(this.#directory, name))
  }

  async #names(directory: string): Promise<string[]> {
    const found = await this.#disk.stat(directory)
    return found?.directory === true ? this.#disk.list(directory) : []
  }
}
