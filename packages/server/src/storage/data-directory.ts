import { dirname, join, resolve } from 'node:path'
import type { DirectoryLock, Disk, DiskError, Log } from '@vivarium/env'
import { zxidOfLog } from './log-format.ts'
import { parseSnapshotName } from './snapshot-format.ts'

/** The layout's version, and the name of the directory that has the data. */
const VERSION_DIRECTORY = 'version-2'

export interface DataDirectoryOptions {
  readonly disk: Disk
  readonly log: Log
  readonly dataDir: string
  /** Undefined: the same as `dataDir`. */
  readonly dataLogDir?: string | undefined
  /** Whether directories that are missing are created (`datadir.autocreate`). */
  readonly autocreate: boolean
}

/** The directories cannot be used; the message says why and what helps. */
export class DataDirectoryError extends Error {
  readonly code = 'DATA_DIRECTORY'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DataDirectoryError'
  }
}

/**
 * A server's directories, claimed for this process (FileTxnSnapLog): `myid`, `initialize`, and below `version-2`
 * snapshots in the one and logs in the other, or both in one.
 */
export class DataDirectory {
  readonly dataDir: string
  readonly dataLogDir: string
  /** Has the snapshots: `<dataDir>/version-2`. */
  readonly snapshotDirectory: string
  /** Has the logs: `<dataLogDir>/version-2`. */
  readonly logDirectory: string
  readonly #disk: Disk
  readonly #locks: readonly DirectoryLock[]

  private constructor(disk: Disk, dataDir: string, dataLogDir: string, locks: readonly DirectoryLock[]) {
    this.dataDir = dataDir
    this.dataLogDir = dataLogDir
    this.snapshotDirectory = join(dataDir, VERSION_DIRECTORY)
    this.logDirectory = join(dataLogDir, VERSION_DIRECTORY)
    this.#disk = disk
    this.#locks = locks
  }

  /**
   * @throws {DataDirectoryError} if a directory is missing, cannot be used, is in use by another server, or has files
   * that belong into the other one
   */
  static async open(options: DataDirectoryOptions): Promise<DataDirectory> {
    const { disk } = options
    const dataDir = resolve(options.dataDir)
    const dataLogDir = resolve(options.dataLogDir ?? options.dataDir)
    const directories = [...new Set([dataDir, dataLogDir].map((path) => join(path, VERSION_DIRECTORY)))]
    const locks: DirectoryLock[] = []
    try {
      for (const path of directories) await makeUsable(disk, path, options.autocreate)
      for (const path of directories) {
        const lock = await claim(disk, path, options.log)
        if (lock !== null) locks.push(lock)
      }
      const opened = new DataDirectory(disk, dataDir, dataLogDir, locks)
      if (directories.length > 1) await opened.#checkSplit()
      return opened
    } catch (error) {
      for (const lock of locks) await lock.release()
      throw error
    }
  }

  /** Gives the directories up, for another process to open. */
  async close(): Promise<void> {
    for (const lock of this.#locks) await lock.release()
  }

  /**
   * The server's id, from the first line of `myid`; null without that file.
   *
   * @throws {DataDirectoryError} if there is no number in it
   */
  async readMyId(): Promise<number | null> {
    const path = join(this.dataDir, 'myid')
    const found = await this.#disk.stat(path)
    if (found === null) return null
    const file = await this.#disk.open(path, 'read')
    try {
      const text = Buffer.from(await file.read(0, 4096)).toString('utf8')
      const line = (text.split('\n', 1)[0] as string).trim()
      if (!/^[+-]?\d{1,15}$/.test(line)) throw new DataDirectoryError(`${path} must have a number in its first line`)
      return Number(line)
    } finally {
      await file.close()
    }
  }

  /** Whether `initialize` is there: it vouches for an empty database. It is removed, as it holds good once. */
  async takeInitializeMarker(): Promise<boolean> {
    const path = join(this.dataLogDir, 'initialize')
    if ((await this.#disk.stat(path)) === null) return false
    await this.#disk.remove(path)
    await this.#disk.syncDirectory(this.dataLogDir)
    return true
  }

  /** Bytes of all files of the snapshot and of the log directory. */
  async sizes(): Promise<{ dataBytes: number; logBytes: number }> {
    const dataBytes = await this.#sizeOf(this.snapshotDirectory)
    return { dataBytes, logBytes: await this.#sizeOf(this.logDirectory) }
  }

  async #sizeOf(directory: string): Promise<number> {
    let bytes = 0
    for (const name of await this.#disk.list(directory))
      bytes += (await this.#disk.stat(join(directory, name)))?.size ?? 0
    return bytes
  }

  /** A directory that was configured for the other kind of file hides what is in it (ZOOKEEPER-2967). */
  async #checkSplit(): Promise<void> {
    for (const name of await this.#disk.list(this.logDirectory)) {
      if (parseSnapshotName('', name) === null) continue
      throw new DataDirectoryError(
        `${join(this.logDirectory, name)} is a snapshot in the directory for logs: move the snapshots to ` +
          `${this.snapshotDirectory}, or correct dataDir and dataLogDir`,
      )
    }
    for (const name of await this.#disk.list(this.snapshotDirectory)) {
      if (zxidOfLog(name) === null) continue
      throw new DataDirectoryError(
        `${join(this.snapshotDirectory, name)} is a log in the directory for snapshots: move the logs to ` +
          `${this.logDirectory}, or correct dataDir and dataLogDir`,
      )
    }
  }
}

async function makeUsable(disk: Disk, path: string, autocreate: boolean): Promise<void> {
  try {
    const found = await disk.stat(path)
    if (found?.directory === true) return
    if (found !== null) throw new DataDirectoryError(`${path} is not a directory`)
    if (!autocreate) {
      throw new DataDirectoryError(
        `${path} does not exist, and datadir.autocreate is false: check dataDir, or whether its disk is mounted`,
      )
    }
    // Those above may be new as well, and so must be entered where they are, up to one that was there before.
    const created: string[] = []
    for (let at = path; (await disk.stat(at)) === null; at = dirname(at)) created.push(dirname(at))
    await disk.makeDirectory(path)
    for (const parent of created) await disk.syncDirectory(parent)
  } catch (error) {
    if (error instanceof DataDirectoryError) throw error
    throw new DataDirectoryError(`${path} cannot be used: ${(error as Error).message}`, { cause: error })
  }
}

async function claim(disk: Disk, path: string, log: Log): Promise<DirectoryLock | null> {
  try {
    return await disk.lock(path)
  } catch (error) {
    const { code, message } = error as DiskError
    if (code === 'EBUSY') {
      throw new DataDirectoryError(`another server is running in ${path}: stop it, or configure another dataDir`, {
        cause: error,
      })
    }
    if (code === 'ENOTSUP') {
      log.warn('nothing keeps a second server from using this directory: its file system has no sockets', { path })
      return null
    }
    throw new DataDirectoryError(`${path} cannot be used: ${message}`, { cause: error })
  }
}
