import type { Disk } from '@vivarium/env'
import type { Metrics } from './metrics.ts'

const LIMITS_BYTES = 4096

/** Figures that have to be looked up outside: sizes of directories, open files. They are as old as the last refresh. */
export class ProcessFigures {
  dataDirBytes = 0
  logDirBytes = 0
  /** -1 where the system does not tell, as in Java. */
  openFileDescriptors = -1
  maxFileDescriptors = -1
  readonly #disk: Disk
  readonly #dataDir: string
  readonly #logDir: string

  /** The directories are those that hold the files themselves (`…/version-2`). */
  constructor(disk: Disk, dataDir: string, logDir: string, metrics: Metrics) {
    this.#disk = disk
    this.#dataDir = dataDir
    this.#logDir = logDir
    metrics.open_file_descriptor_count.source = () => this.openFileDescriptors
    metrics.max_file_descriptor_count.source = () => this.maxFileDescriptors
  }

  /** Looks again at the directories. What cannot be read counts as empty. */
  async refreshDirectories(): Promise<void> {
    this.dataDirBytes = await directoryBytes(this.#disk, this.#dataDir)
    this.logDirBytes =
      this.#logDir === this.#dataDir ? this.dataDirBytes : await directoryBytes(this.#disk, this.#logDir)
  }

  /** Looks again at the open files, where `/proc` tells of them. */
  async refreshFileDescriptors(): Promise<void> {
    try {
      this.openFileDescriptors = (await this.#disk.list('/proc/self/fd')).length
      const limits = await this.#disk.open('/proc/self/limits', 'read')
      const text = new TextDecoder().decode(await limits.read(0, LIMITS_BYTES))
      await limits.close()
      const max = /^Max open files\s+(\d+)/m.exec(text)?.[1]
      this.maxFileDescriptors = max === undefined ? -1 : Number(max)
    } catch {
      this.openFileDescriptors = -1
      this.maxFileDescriptors = -1
    }
  }
}

async function directoryBytes(disk: Disk, path: string): Promise<number> {
  let bytes = 0
  for (const name of await disk.list(path).catch(() => [])) {
    // Files come and go while we look.
    const found = await disk.stat(`${path}/${name}`).catch(() => null)
    if (found !== null) bytes += found.directory ? await directoryBytes(disk, `${path}/${name}`) : found.size
  }
  return bytes
}
