import { errorCodeOf, KeeperError, type KeeperErrorCode, type Reader, type Zxid } from '@vivarium/protocol'
import type { Chroot } from '../chroot.ts'
import type { Output } from '../connection/output.ts'
import { ClosedError, LimitError, MultiError, RequestError, type RequestFate } from '../errors.ts'
import type { Request } from '../requests/request.ts'
import { RequestQueue } from '../requests/request-queue.ts'
import type { WatchTable } from '../watches/watch-table.ts'
import type { Lease } from './lease.ts'

export interface PipelineOptions {
  readonly output: Output
  readonly chroot: Chroot
  readonly lease: Lease
  readonly watches: WatchTable
  readonly maxRequestBytes: number
  readonly maxReplyBytes: number
  /** Default 1. */
  readonly firstXid?: number | undefined
}

const MAX_XID = 0x7fff_ffff

/**
 * The requests of a client: those that were sent, in the order in which replies will come, and those that wait for a
 * connection.
 *
 * When a connection is lost, every write that was under way fails, the last as the first: were a later one sent again, it
 * could be applied where an earlier one was not. Reads are sent again.
 */
export class Pipeline {
  readonly #output: Output
  readonly #chroot: Chroot
  readonly #lease: Lease
  readonly #watches: WatchTable
  readonly #options: PipelineOptions
  readonly #sent = new RequestQueue()
  readonly #waiting = new RequestQueue()
  #nextXid: number
  /** Requests can be sent. */
  isOpen = false
  /** The latest transaction that a reply told of: no server that is behind it is to be talked to. */
  lastZxid: Zxid = 0

  constructor(options: PipelineOptions) {
    this.#options = options
    this.#nextXid = options.firstXid ?? 1
    this.#output = options.output
    this.#chroot = options.chroot
    this.#lease = options.lease
    this.#watches = options.watches
  }

  /** Requests that are not answered yet. */
  get pending(): number {
    return this.#sent.length + this.#waiting.length
  }

  takeXid(): number {
    const xid = this.#nextXid
    this.#nextXid = xid === MAX_XID ? 1 : xid + 1
    return xid
  }

  submit(request: Request): void {
    if (this.isOpen) this.#send(request)
    else this.#waiting.push(request)
  }

  /** A connection is there: what waited is sent. */
  open(): void {
    this.isOpen = true
    for (const request of this.#waiting.drain()) if (!request.settled) this.#send(request)
  }

  /** The connection is gone. */
  close(): void {
    this.isOpen = false
    const again: Request[] = []
    for (const request of this.#sent.drain()) {
      if (request.settled) continue
      if (request.retry) again.push(request)
      else request.reject(this.#error(request, 'CONNECTIONLOSS', request.mayBeApplied))
    }
    this.#waiting.unshift(again)
  }

  /** The next reply. False: it answers nothing that was asked. Throws JuteError for one that cannot be read. */
  replied(xid: number, zxid: Zxid, errno: number, reader: Reader): boolean {
    const request = this.#sent.shift()
    if (request === null || request.xid !== xid) {
      if (request !== null) this.#sent.unshift([request])
      return false
    }
    this.#lease.answered()
    if (zxid > this.lastZxid) this.lastZxid = zxid
    if (request.settled) return true
    if (errno === 0) this.#succeed(request, reader)
    else this.#fail(request, errno)
    return true
  }

  /** The next reply is longer than the limit, and was skipped. */
  skipped(xid: number, bytes: number): boolean {
    const request = this.#sent.shift()
    if (request === null || request.xid !== xid) return false
    this.#lease.answered()
    request.reject(this.#limitError('REPLY_TOO_LARGE', request, bytes, this.#options.maxReplyBytes))
    return true
  }

  /** Gives up the requests whose time has come; returns when the next one's will. */
  expire(nowMs: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const queue of [this.#sent, this.#waiting]) {
      for (const request of queue) {
        if (request.settled) continue
        if (request.deadlineMs > nowMs) next = Math.min(next, request.deadlineMs)
        else request.reject(this.#error(request, 'REQUESTTIMEOUT', request.mayBeApplied))
      }
    }
    return next
  }

  /** The session with this number is gone: fails what is bound to it, and keeps the rest waiting. */
  sessionLost(number: number): void {
    this.isOpen = false
    const again: Request[] = []
    for (const request of [...this.#sent.drain(), ...this.#waiting.drain()]) {
      if (request.settled) continue
      const mayGoOn = request.sessionNumber !== number && (!request.sent || request.retry)
      if (mayGoOn) again.push(request)
      else request.reject(this.#error(request, 'SESSIONEXPIRED', request.mayBeApplied))
    }
    this.#waiting.unshift(again)
  }

  /** The client is closed: fails everything. */
  failAll(closedBy: ClosedError): void {
    this.isOpen = false
    for (const request of [...this.#sent.drain(), ...this.#waiting.drain()]) {
      request.reject(request.mayBeApplied ? new ClosedError(closedBy.cause, true) : closedBy)
    }
  }

  #send(request: Request): void {
    const { writer } = this.#output
    const at = this.#output.beginFrame()
    const { call } = request
    writer.int(this.#nextXid)
    writer.int(call.opcode)
    call.write(writer, request.path, request.body, request.watcher !== null)
    const length = this.#output.endFrame(at, this.#options.maxRequestBytes)
    if (length < 0) {
      request.reject(this.#limitError('REQUEST_TOO_LARGE', request, -length, this.#options.maxRequestBytes))
      return
    }
    request.xid = this.takeXid()
    request.again = request.sent
    request.sent = true
    this.#lease.requested()
    this.#sent.push(request)
  }

  #succeed(request: Request, reader: Reader): void {
    try {
      const result = request.call.read(reader, this.#chroot)
      if (request.watcher !== null) this.#watches.addOneShot(request.watchKind, request.path, request.watcher)
      request.resolve(result)
    } catch (error) {
      if (error instanceof KeeperError) return request.reject(request.again ? inDoubt(error) : error)
      request.reject(this.#error(request, 'CONNECTIONLOSS', request.mayBeApplied, error))
      throw error
    }
  }

  #fail(request: Request, errno: number): void {
    const code = errorCodeOf(errno) ?? 'SYSTEMERROR'
    if (code === 'NONODE' && request.call.absentIsNull) {
      if (request.watcher !== null) this.#watches.addOneShot('exist', request.path, request.watcher)
      request.resolve(null)
      return
    }
    // The answer is to the last time that it was asked; a time before may have been what made it so.
    const maybeApplied = request.again && !request.call.isRead
    request.reject(this.#error(request, code === 'OK' ? 'SYSTEMERROR' : code, maybeApplied))
  }

  #error(request: Request, code: KeeperErrorCode, maybeApplied: boolean, cause?: unknown): RequestError {
    const path = request.path === '' ? null : this.#chroot.toClient(request.path)
    const fate = { operation: request.call.name, maybeApplied }
    return new RequestError(code, path, fate, cause === undefined ? {} : { cause })
  }

  #limitError(code: LimitError['code'], request: Request, bytes: number, limit: number): LimitError {
    const fate: RequestFate = { operation: request.call.name, maybeApplied: request.mayBeApplied }
    return new LimitError(code, this.#chroot.toClient(request.path), fate, bytes, limit)
  }
}

/** The answer to a multi that was asked again: the time before may have been what made it so. */
function inDoubt(error: KeeperError): KeeperError {
  if (!(error instanceof MultiError)) return error
  return new MultiError(error.code, error.path, error.index, error.results, true)
}
