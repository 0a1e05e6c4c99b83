import { encodeUtf8, readUtf8 } from '@vivarium/protocol'
import { topNamespace } from '../quota/index.ts'
import { sameBytes } from '../tree/same-bytes.ts'

/** How many bytes of a Stat go with everything that is read (DataTree.STAT_OVERHEAD_BYTES). */
const STAT_BYTES = 68
const SLASH = 0x2f
/** Keys are made up by clients, so there must be an end to them. */
const MOST_NAMESPACES = 10_000
/** So many are found without making a string of their name. */
const RECENT = 1024

/** Takes the size of each read or write, in bytes. */
export interface TrafficSink {
  observe(bytes: number): void
}

/** Makes the two sinks of one namespace. */
export type TrafficSinks = (namespace: string) => { readonly reads: TrafficSink; readonly writes: TrafficSink }

interface Namespace {
  readonly name: Uint8Array
  readonly reads: TrafficSink
  readonly writes: TrafficSink
}

/**
 * Counts bytes by namespace, the first part of a path (DataTree.updateReadStat, updateWriteStat). A read costs a hash of
 * that part where it stands in the request, and no string if the namespace was read lately.
 */
export class NamespaceTraffic {
  readonly #sinks: TrafficSinks
  readonly #byName = new Map<string, Namespace>()
  /** Those seen last, by the hash of their name. */
  readonly #recent: (Namespace | null)[] = Array.from({ length: RECENT }, () => null)

  constructor(sinks: TrafficSinks) {
    this.#sinks = sinks
  }

  /** A read of the path `bytes[start, end)` was answered with `payload` bytes besides a Stat. */
  read(bytes: Uint8Array, start: number, end: number, payload: number): void {
    this.#at(bytes, start, end)?.reads.observe(end - start + payload + STAT_BYTES)
  }

  /** A path was given so many bytes of data. */
  wrote(path: string, payload: number): void {
    const name = topNamespace(path)
    if (name === null || name === '') return
    this.#of(name)?.writes.observe(path.length + payload)
  }

  /** {@link wrote} for a path in ASCII. */
  wroteAt(bytes: Uint8Array, start: number, end: number, payload: number): void {
    this.#at(bytes, start, end)?.writes.observe(end - start + payload)
  }

  /** The namespace of the path `bytes[start, end)`; null for the root, and where there are too many. */
  #at(bytes: Uint8Array, start: number, end: number): Namespace | null {
    let stop = start + 1
    let hash = 0
    for (; stop < end && bytes[stop] !== SLASH; stop++) hash = (Math.imul(hash, 31) + bytes[stop]!) | 0
    if (stop - start < 2) return null
    const slot = hash & (RECENT - 1)
    const recent = this.#recent[slot] ?? null
    if (recent !== null && sameBytes(recent.name, bytes, start + 1, stop)) return recent
    const namespace = this.#of(readUtf8(bytes, start + 1, stop))
    if (namespace !== null) this.#recent[slot] = namespace
    return namespace
  }

  #of(name: string): Namespace | null {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    if (this.#byName.size >= MOST_NAMESPACES) return null
    const namespace = { name: encodeUtf8(name), ...this.#sinks(name) }
    this.#byName.set(name, namespace)
    return namespace
  }
}
