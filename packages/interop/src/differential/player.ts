import { FrameSocket } from '../frame-socket.ts'
import { Op } from '../opcodes.ts'
import { RawClient } from '../raw-client.ts'
import { connectFrame, readConnectResponse, requestFrame } from '../records.ts'
import { sessionPassword } from '../session-password.ts'
import { decodeFrame, isEventFrame } from './decode.ts'
import { Naming } from './naming.ts'
import { type Attach, PLAIN_ATTACH, type Request, type Step } from './script.ts'

/** Something a server did, as one line, and the step during which it was noticed. */
export interface Entry {
  step: number
  text: string
  /** For an event, its zxid; otherwise `null`. */
  eventZxid: bigint | null
}

/** How long a server may take to answer or to hang up before `no answer` is written down. */
const PATIENCE_MS = 30_000

class Slot {
  socket: FrameSocket | null = null
  established = false
  sessionId = 0n
  /** The opcodes whose replies are awaited. */
  pending: number[] = []
  /** Whether the last of them is our own ping, which a connection that ends may or may not have taken. */
  fencing = false
  /** Whether the last reply was of the kind that ends the connection. */
  refused = false
  entries: Entry[] = []
  wake: () => void = () => {}
}

/** Plays steps to one server and writes down what it does, connection by connection. */
export class Player {
  readonly naming: Naming
  /** The zxids at which sessions were closed: their events have no order among themselves. */
  readonly closings = new Set<bigint>()
  /** Set when the server left a request unanswered and the connection open. */
  stuck = false
  readonly #port: number
  readonly #slots: Slot[] = []
  #step = 0

  private constructor(port: number, naming: Naming) {
    this.#port = port
    this.naming = naming
  }

  /** Notes where the server's zxids stand. */
  static async begin(port: number): Promise<Player> {
    const client = await RawClient.connect(port)
    await client.close()
    return new Player(port, new Naming(client.lastZxid))
  }

  /** Plays one step until the server has answered all of it. */
  async play(step: Step, index: number): Promise<void> {
    this.#step = index
    const slot = this.#slot(step.slot)
    switch (step.kind) {
      case 'requests':
        if (slot.socket === null) await this.#attach(slot, PLAIN_ATTACH)
        await this.#send(slot, step.requests)
        if (step.after === 'ended' || slot.refused) return await this.#ended(slot)
        if (step.after === 'perhaps') await this.#fence(slot)
        return
      case 'attach':
        return await this.#attach(slot, step.attach)
      case 'drop':
        return await this.#leave(slot)
      case 'bytes':
        return await this.#bytes(slot, step.fresh, step.bytes)
    }
  }

  /** Waits until nothing is on its way on any connection, and hands over what was written down, by slot. */
  async settle(): Promise<Entry[][]> {
    await Promise.all(this.#slots.map((slot) => this.#fence(slot)))
    return this.#slots.map((slot) => slot.entries.splice(0))
  }

  /** Drops every connection. */
  end(): void {
    for (const slot of this.#slots) slot.socket?.destroy()
  }

  #slot(number: number): Slot {
    while (this.#slots.length <= number) this.#slots.push(new Slot())
    return this.#slots[number]!
  }

  async #attach(slot: Slot, attach: Attach): Promise<void> {
    await this.#leave(slot)
    const owner = attach.sessionOf === null ? null : this.#slot(attach.sessionOf)
    const sessionId = owner?.sessionId ?? 0n
    if (owner !== null) await this.#fence(owner)
    // With a wrong password only a session that no connection has: see `explained.ts`.
    if (owner !== null && attach.password !== 'right') {
      for (const other of this.#slots) if (other.sessionId === sessionId) await this.#leave(other)
    }
    const frame = connectFrame({
      protocolVersion: attach.protocolVersion,
      lastZxid: attach.zxidAhead === null ? 0n : this.naming.lastZxid + BigInt(attach.zxidAhead),
      timeoutMs: attach.timeoutMs,
      sessionId,
      password: password(attach, sessionId),
      readOnly: attach.readOnly,
    })
    await this.#open(slot, resized(frame, attach.cut))
    // The server may have hung up on the session's earlier connection: wait until it has, or has not.
    if (owner !== null && owner !== slot) await this.#fence(owner)
  }

  async #bytes(slot: Slot, fresh: boolean, bytes: Buffer): Promise<void> {
    if (fresh) {
      await this.#leave(slot)
      return await this.#open(slot, bytes)
    }
    if (slot.socket === null) await this.#attach(slot, PLAIN_ATTACH)
    await this.#fence(slot)
    if (slot.socket === null) return
    slot.pending.push(0)
    slot.socket.write(bytes)
    await this.#answered(slot)
    await this.#fence(slot)
  }

  /** Makes a connection, says hello and waits for the answer or the end. */
  async #open(slot: Slot, hello: Buffer): Promise<void> {
    let current: FrameSocket | null = null
    const onClose = () => {
      if (slot.socket !== current) return // Dropped by ourselves.
      const unanswered = slot.pending.length - (slot.fencing ? 1 : 0)
      this.#write(slot, `closed by the server${unanswered > 0 ? `, ${unanswered} unanswered` : ''}`)
      this.#forget(slot)
    }
    try {
      current = await FrameSocket.open(this.#port, (frame) => this.#frame(slot, frame), onClose)
    } catch {
      this.#write(slot, 'connection refused')
      this.stuck = true
      return
    }
    slot.socket = current
    slot.pending.push(0)
    current.write(hello)
    await this.#answered(slot)
    // A refusal is a reply and the end of the connection: wait for the second half.
    if (!slot.established) await this.#ended(slot)
  }

  async #send(slot: Slot, requests: readonly Request[]): Promise<void> {
    if (slot.socket === null) return
    const frames = requests.map((request) => {
      slot.pending.push(request.op)
      if (request.zxidBack === undefined) return requestFrame(request.xid, request.op, request.body)
      const body = Buffer.from(request.body)
      body.writeBigInt64BE(this.naming.lastZxid - BigInt(request.zxidBack), 0)
      return requestFrame(request.xid, request.op, body)
    })
    slot.socket.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames))
    await this.#answered(slot)
  }

  /** A ping: once it is answered, so is everything before it, or the connection has ended. */
  async #fence(slot: Slot): Promise<void> {
    if (slot.socket === null || !slot.established) return
    slot.pending.push(Op.ping)
    slot.fencing = true
    slot.socket.write(requestFrame(-2, Op.ping, Buffer.alloc(0)))
    await this.#answered(slot)
    slot.fencing = false
  }

  /** Hangs up, but not before what is on its way has arrived: an event that raced with the end would be left to chance. */
  async #leave(slot: Slot): Promise<void> {
    await this.#fence(slot)
    this.#drop(slot)
  }

  #answered(slot: Slot): Promise<void> {
    return this.#until(slot, 'no answer, connection open', () => slot.pending.length === 0)
  }

  #ended(slot: Slot): Promise<void> {
    return this.#until(slot, 'answered, connection left open', () => slot.socket === null)
  }

  async #until(slot: Slot, otherwise: string, done: () => boolean): Promise<void> {
    if (done()) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#write(slot, otherwise)
        this.stuck = true
        this.#drop(slot)
        resolve()
      }, PATIENCE_MS)
      slot.wake = () => {
        if (!done()) return
        clearTimeout(timer)
        slot.wake = () => {}
        resolve()
      }
    })
  }

  #frame(slot: Slot, frame: Buffer): void {
    if (!slot.established) {
      slot.pending.shift()
      this.#write(slot, this.#connectResponse(slot, frame))
    } else {
      const isEvent = isEventFrame(frame)
      const op = isEvent ? null : (slot.pending.shift() ?? null)
      const decoded = decodeFrame(frame, op, this.naming)
      slot.refused = decoded.errno === -115
      if (op === Op.closeSession) this.closings.add(decoded.zxid)
      const surprise = op === null && !isEvent ? 'unasked: ' : ''
      slot.entries.push({
        step: this.#step,
        text: surprise + decoded.text,
        eventZxid: decoded.isEvent ? decoded.zxid : null,
      })
    }
    slot.wake()
  }

  #connectResponse(slot: Slot, frame: Buffer): string {
    const response = readConnectResponse(frame)
    slot.established = response.timeoutMs > 0
    if (slot.established) slot.sessionId = response.sessionId
    const session = response.sessionId === 0n ? '0' : this.naming.session(response.sessionId)
    const expected = slot.established ? sessionPassword(response.sessionId) : Buffer.alloc(16)
    const secret = response.password?.equals(expected)
      ? 'as expected'
      : `unexpected ${response.password?.toString('hex')}`
    return `connected version ${response.protocolVersion} timeout ${response.timeoutMs} ${session} password ${secret} readOnly ${response.readOnly}`
  }

  #write(slot: Slot, text: string): void {
    slot.entries.push({ step: this.#step, text, eventZxid: null })
  }

  #drop(slot: Slot): void {
    const socket = slot.socket
    this.#forget(slot)
    socket?.destroy()
  }

  #forget(slot: Slot): void {
    slot.socket = null
    slot.established = false
    slot.refused = false
    slot.pending = []
    slot.wake()
  }
}

function password(attach: Attach, sessionId: bigint): Buffer | null {
  if (attach.password === 'null') return null
  const right = sessionId === 0n ? Buffer.alloc(16) : sessionPassword(sessionId)
  if (attach.password === 'short') return right.subarray(0, 7)
  if (attach.password === 'wrong') right[3] = right[3]! ^ 0x55
  return right
}

/** A frame with its content cut short or lengthened, its length put right. */
function resized(frame: Buffer, cut: number): Buffer {
  if (cut === 0) return frame
  const length = Math.max(4, frame.length - cut)
  const result = Buffer.alloc(length)
  frame.copy(result, 0, 0, Math.min(length, frame.length))
  result.writeInt32BE(length - 4, 0)
  return result
}
