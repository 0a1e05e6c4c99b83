import { counterOf, epochOf, JuteError, Reader, readTxn, type Txn } from '@vivarium/protocol'
import { getInt } from '../tree/big-endian.ts'

/** TxnHeader: session 8, cxid 4, zxid 8, time 8, type 4. */
const HEADER_BYTES = 32
/** What a leader proposes was read before, or comes from a log that had it: only the packet's size bounds it. */
const ANY_FIELD = 2 ** 31 - 1

/**
 * A transaction as proposals carry it and the log keeps it: bytes, of which Zab looks at the header only, and what they
 * say, for those who apply it.
 */
export class LoggedTxn {
  readonly zxid: number
  /** TxnHeader, the record, and perhaps a digest (SerializeUtils.serializeRequest). */
  readonly data: Uint8Array
  /** When its leader made it, in milliseconds since the Unix epoch. */
  readonly timeMs: number
  /** An opcode. */
  readonly type: number
  /** Whose request it was: the halves of the session's id, and the xid of the request. */
  readonly sessionHigh: number
  readonly sessionLow: number
  readonly cxid: number

  #txn: Txn | null = null

  private constructor(data: Uint8Array, zxid: number) {
    this.zxid = zxid
    this.data = data
    this.timeMs = getInt(data, 20) * 0x1_0000_0000 + (getInt(data, 24) >>> 0)
    this.type = getInt(data, 28)
    this.sessionHigh = getInt(data, 0)
    this.sessionLow = getInt(data, 4)
    this.cxid = getInt(data, 8)
  }

  /** What the bytes say. @throws {JuteError} if they were not {@link read}, and say nothing */
  get txn(): Txn {
    this.#txn ??= readTxn(new Reader(this.data, 0, this.data.length, ANY_FIELD))
    return this.#txn
  }

  /** It is in the tree, and kept for those who lag behind: they want its bytes. */
  applied(): void {
    this.#txn = null
  }

  /** As `from`, and null for what no server could apply, too. */
  static read(data: Uint8Array | null): LoggedTxn | null {
    const logged = LoggedTxn.from(data)
    try {
      return logged?.txn === undefined ? null : logged
    } catch (error) {
      if (error instanceof JuteError) return null
      throw error
    }
  }

  /** @returns null for bytes that are too few for a transaction, or have a zxid beyond 53 bits */
  static from(data: Uint8Array | null): LoggedTxn | null {
    if (data === null || data.length < HEADER_BYTES) return null
    const zxid = getInt(data, 12) * 0x1_0000_0000 + (getInt(data, 16) >>> 0)
    return Number.isSafeInteger(zxid) ? new LoggedTxn(data, zxid) : null
  }
}

/**
 * Whether `next` may come right after `last`. Inside an epoch there are no gaps; a later epoch may begin anywhere, as far
 * as zxids tell (ZKDatabase.addCommittedProposal, ZOOKEEPER-4925). No transaction has the counter 0.
 */
export function follows(last: number, next: number): boolean {
  return (next === last + 1 || epochOf(next) > epochOf(last)) && counterOf(next) !== 0
}
