import type { Disk } from '@vivarium/env'
import type { Metrics } from './metrics.ts'

const OPEN_FILES = '/proc/self/fd'
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
    const unknown = (): number => -1
    const most = mostFiles(this.#disk).catch(unknown)
    this.openFileDescriptors = await openFiles(this.#disk).catch(unknown)
    this.maxFileDescriptors = await most
  }
}

/** Since Linux 6.2 the directory is as large as it has entries, which are too many to be listed where there are many connections. */
async function openFiles(disk: Disk): Promise<number> {
  const found = await disk.stat(OPEN_FILES)
  return found !== null && found.size > 0 ? found.size : (await disk.list(OPEN_FILES)).length
}

async function mostFiles(disk: Disk): Promise<number> {
  const limits = await disk.open('/proc/self/limits', 'read')
  try {
    const text = new TextDecoder().decode(await limits.read(0, LIMITS_BYTES))
    return Number(/^Max open files\s+(\d+)/m.exec(text)?.[1] ?? -1)
  } finally {
    await limits.close()
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
