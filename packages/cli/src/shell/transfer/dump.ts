import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import type { Disk } from '@vivarium/env'
import { snapshotAt } from '@vivarium/server/storage'
import { CliError } from '../failure.ts'
import { BINARY_MAGIC, binaryEncoder, decodeBinary } from './binary-dump.ts'
import type { Entry, TreeSource } from './entry.ts'
import { decodeJson, jsonEncoder } from './json-dump.ts'
import { SnapshotTree } from './snapshot-tree.ts'

/** How a dump is written. */
export interface DumpEncoder {
  begin(): Uint8Array
  entries(entries: readonly Entry[]): Uint8Array
  end(znodes: number, ephemerals: number): Uint8Array
}

/** What a dump consists of: znodes, and at last how many they should have been. */
export type DumpItem = (Entry & { readonly end?: never }) | { readonly end: true; readonly znodes: number }

const GZIP_MAGIC = Uint8Array.of(0x1f, 0x8b)
const BATCH = 128

/**
 * Writes a tree to a file, or to standard output for `-`. In gzip if the name ends in `.gz`.
 *
 * @returns how many znodes it has
 * @throws the source's errors; the file ends without its last line then, and whoever reads it is told
 */
export async function writeDump(
  source: TreeSource,
  file: string,
  isBinary: boolean,
  signal: AbortSignal,
  progress: { add(znodes: number, bytes: number): void },
): Promise<number> {
  const encoder = isBinary ? binaryEncoder() : jsonEncoder()
  const target: Writable = file === '-' ? process.stdout : createWriteStream(file)
  const gzip = file.endsWith('.gz') ? createGzip() : null
  gzip?.pipe(target)
  const output = gzip ?? target
  const failure = new Promise<never>((_, reject) => {
    target.on('error', (error) => reject(new CliError(`${file}: ${error.message}`)))
  })
  failure.catch(() => {})
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (!output.write(bytes)) await Promise.race([once(output, 'drain'), failure])
  }
  let znodes = 0
  try {
    await write(encoder.begin())
    for await (const batch of source.batches(signal)) {
      await write(encoder.entries(batch))
      znodes += batch.length
      progress.add(
        batch.length,
        batch.reduce((sum, { data }) => sum + (data?.length ?? 0), 0),
      )
    }
    await write(encoder.end(znodes, source.ephemerals))
  } finally {
    if (file !== '-') {
      const finished = once(target, 'finish')
      finished.catch(() => {})
      output.end()
      await Promise.race([finished, failure])
    }
  }
  return znodes
}

/** What a file has: a dump in either format, also compressed, or a snapshot. `-`: standard input. @throws {CliError} */
export async function openDump(disk: Disk, file: string): Promise<TreeSource> {
  const snapshot = file === '-' ? null : snapshotAt(file)
  if (snapshot !== null) return new SnapshotTree(disk, { ...snapshot, path: file })
  if (file !== '-' && (await disk.stat(file))?.directory !== false) {
    throw new CliError(`${basename(file)} is no file in ${dirname(file)}`)
  }
  return new DumpFile(file)
}

class DumpFile implements TreeSource {
  readonly ephemerals = 0
  readonly knowsModes = true
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  async size(): Promise<null> {
    return null
  }

  async *batches(signal: AbortSignal): AsyncGenerator<readonly Entry[], void, undefined> {
    let batch: Entry[] = []
    let count = 0
    let claimed: number | null = null
    try {
      for await (const item of decode(this.#file === '-' ? process.stdin : createReadStream(this.#file))) {
        if (item.end) claimed = item.znodes
        else {
          count++
          batch.push(item)
        }
        if (batch.length < BATCH) continue
        signal.throwIfAborted()
        yield batch
        batch = []
      }
    } catch (error) {
      if (signal.aborted || error instanceof CliError) throw error
      throw new CliError(`${this.#file}: ${(error as Error).message}`)
    }
    if (batch.length > 0) yield batch
    if (claimed === count) return
    throw new CliError(
      `${this.#file} is a part only: ${count} znodes, ${claimed === null ? 'and no end' : `of ${claimed}`}`,
    )
  }
}

/** Tells by the first bytes what it is. */
async function* decode(stream: Readable): AsyncGenerator<DumpItem, void, undefined> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  const first = await chunks.next()
  if (first.done) throw new Error('it is empty')
  const head = first.value
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    yield head
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
  }
  if (startsWith(head, GZIP_MAGIC)) {
    const gunzip = createGunzip()
    const feed = async (): Promise<void> => {
      for await (const chunk of all()) if (!gunzip.write(chunk)) await once(gunzip, 'drain')
      gunzip.end()
    }
    feed().catch((error: Error) => gunzip.destroy(error))
    yield* decode(gunzip)
  } else if (startsWith(head, BINARY_MAGIC)) yield* decodeBinary(all())
  else yield* decodeJson(all())
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && start.every((byte, at) => bytes[at] === byte)
}
