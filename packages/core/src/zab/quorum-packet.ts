import { copyBytes, DEFAULT_MAX_FIELD, JuteError, QuorumPacket, Reader, Writer } from '@vivarium/protocol'

/** `type`, `zxid` and the length of `data`. */
const FIXED_BYTES = 16
const FIRST_CAPACITY = 1024

const writer = new Writer(FIRST_CAPACITY)

/** A packet without client ids. @param type one of PacketType */
export function quorumPacket(type: number, zxid: number, data: Uint8Array | null = null): QuorumPacket {
  return { type, zxid, data, authinfo: null }
}

/** The bytes of a packet: the bare record, as no length goes in front of it on the quorum port. */
export function encodeQuorumPacket(packet: QuorumPacket): Uint8Array {
  writer.clear()
  QuorumPacket.write(writer, packet)
  return writer.finish()
}

/**
 * Takes packets out of the bytes of a link between servers. There is no frame around a packet: where it ends shows while
 * it is read (BinaryInputArchive over the socket's stream, in Java). Packets own their bytes.
 *
 * What is kept is bounded by what a packet may be at most, `maxField` for its data and as much for its client ids, plus
 * one chunk; nothing is allocated for a length that is only claimed.
 *
 * @example
 * decoder.push(chunk)
 * for (let packet = decoder.next(); packet !== null; packet = decoder.next()) {
 *   learner.step({ type: 'packet', packet })
 *   if (packet.type === PacketType.SNAP) return receiveSnapshot(decoder.takeRest()) // Raw bytes follow.
 * }
 * if (decoder.error !== null) socket.destroy()
 */
export class QuorumPacketDecoder {
  readonly #maxField: number
  #bytes = new Uint8Array(FIRST_CAPACITY)
  /** The first byte of the packet that is being read. */
  #start = 0
  #end = 0
  /** How far the current packet has been looked at; how many strings of its client ids come from there on, −1: unknown. */
  #scanned = 0
  #strings = -1
  #error: string | null = null
  readonly #reader: Reader

  /** @param maxField the longest buffer or string, in bytes (`jute.maxbuffer` and its extra size) */
  constructor(maxField = DEFAULT_MAX_FIELD) {
    this.#maxField = maxField
    this.#reader = new Reader(this.#bytes, 0, 0, maxField)
  }

  /** What is wrong with the bytes, for good; null while they make sense. */
  get error(): string | null {
    return this.#error
  }

  /** Takes over bytes `start` to before `end`, which are copied. */
  push(chunk: Uint8Array, start = 0, end = chunk.length): void {
    if (this.#error !== null) return
    const count = end - start
    if (this.#end + count > this.#bytes.length) this.#makeRoom(count)
    this.#bytes.set(chunk.subarray(start, end), this.#end)
    this.#end += count
  }

  /** The next packet; null if its end has not arrived yet, or there is an error. */
  next(): QuorumPacket | null {
    if (this.#error !== null || !this.#scan()) return null
    this.#reader.reset(this.#bytes, this.#start, this.#start + this.#scanned)
    this.#start += this.#scanned
    this.#scanned = 0
    this.#strings = -1
    try {
      const packet = QuorumPacket.read(this.#reader)
      if (packet.data !== null) packet.data = copyBytes(packet.data)
      return packet
    } catch (error) {
      if (!(error instanceof JuteError)) throw error
      this.#error = error.message
      return null
    }
  }

  /** Hands out the bytes that are no part of a packet yet: after SNAP, the beginning of the snapshot. */
  takeRest(): Uint8Array {
    const rest = this.#bytes.slice(this.#start, this.#end)
    this.#start = this.#end = this.#scanned = 0
    this.#strings = -1
    return rest
  }

  /** Whether the whole packet is there; `#scanned` is its length then. Goes on where it stopped the last time. */
  #scan(): boolean {
    if (this.#strings === -1) {
      if (this.#available < FIXED_BYTES) return false
      const length = this.#lengthAt(FIXED_BYTES - 4)
      if (length < 0) return false
      const ids = FIXED_BYTES + length
      if (this.#available < ids + 4) return false
      const count = this.#intAt(ids)
      // A negative count is null or an empty list. Java has no limit here; two strings a client id is what there are.
      if (count > this.#maxField) return this.#fail(`${count} client ids`)
      this.#strings = count > 0 ? 2 * count : 0
      this.#scanned = ids + 4
    }
    const limit = FIXED_BYTES + 4 + 2 * this.#maxField
    while (this.#strings > 0) {
      if (this.#available < this.#scanned + 4) return false
      const length = this.#lengthAt(this.#scanned)
      if (length < 0) return false
      if (this.#scanned + 4 + length > limit) return this.#fail('client ids beyond all measure')
      if (this.#available < this.#scanned + 4 + length) return false
      this.#scanned += 4 + length
      this.#strings--
    }
    return true
  }

  get #available(): number {
    return this.#end - this.#start
  }

  /** How many bytes follow the length at `at`; −1 after an error. */
  #lengthAt(at: number): number {
    const length = this.#intAt(at)
    if (length === -1) return 0
    if (length >= 0 && length <= this.#maxField) return length
    this.#fail(`unreasonable length ${length}`)
    return -1
  }

  #intAt(at: number): number {
    const bytes = this.#bytes
    const from = this.#start + at
    return (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!
  }

  #fail(error: string): false {
    this.#error = error
    return false
  }

  #makeRoom(count: number): void {
    const kept = this.#end - this.#start
    const target = kept + count > this.#bytes.length ? new Uint8Array(2 * (kept + count)) : this.#bytes
    target.set(this.#bytes.subarray(this.#start, this.#end))
    this.#bytes = target
    this.#start = 0
    this.#end = kept
  }
}
