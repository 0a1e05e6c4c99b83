import { RequestMaker } from '../differential/requests.ts'
import { Prng } from '../prng.ts'
import { connectFrame, requestFrame } from '../records.ts'
import { ODD_INTS, spoil } from './spoil.ts'

/**
 * Makes blocks of hostile frames: random bytes, and well-formed requests with parts of them overwritten. To be fast, a block
 * is put together from templates made once, by copying and then spoiling bytes in place.
 */
export class FrameMaker {
  readonly #random: Prng
  readonly #templates: readonly Buffer[]
  readonly #block = Buffer.allocUnsafe(1 << 20)
  /** Frames in the block that was made last. */
  framesInBlock = 0

  constructor(seed: number) {
    this.#random = new Prng(seed)
    this.#templates = templates(this.#random)
  }

  /**
   * A block of frames, at most `limit`. The memory is used again by the next call.
   *
   * @param wellFramed whether lengths are right, so that every frame is taken apart; otherwise some are not, and the
   * server may hang up
   */
  block(limit: number, wellFramed: boolean): Buffer {
    const random = this.#random
    let end = 0
    let frames = 0
    while (frames < limit) {
      const template = this.#templates[random.below(this.#templates.length)]!
      if (end + template.length + 64 > this.#block.length) break
      const start = end
      end += template.copy(this.#block, start)
      // The xid and the opcode are mostly left alone: an unknown opcode ends the connection, and the fun with it.
      spoil(random, this.#block, random.oneIn(5000) ? start + 4 : start + 12, end)
      if (random.oneIn(8)) end = this.#resize(start, end)
      if (!wellFramed && random.oneIn(16)) this.#block.writeInt32BE(random.pick(ODD_INTS), start)
      frames++
    }
    this.framesInBlock = frames
    return this.#block.subarray(0, end)
  }

  /** Something to say first: a proper connect request, a spoilt one, or noise. */
  hello(): Buffer {
    const random = this.#random
    const frame = connectFrame({ timeoutMs: random.pick([0, 4000, 30_000, -1, 0x7fffffff]), readOnly: random.oneIn(2) })
    if (!random.oneIn(10)) return frame
    if (random.oneIn(4)) return random.bytes(1 + random.below(100))
    frame[4 + random.below(frame.length - 4)] = random.uint32()
    return frame
  }

  /** Cuts the frame short or adds to it, and puts its length right. */
  #resize(start: number, end: number): number {
    const random = this.#random
    const whole = end - start - 12
    const resized = random.oneIn(2) ? start + 12 + random.below(whole + 1) : end + random.below(60)
    this.#block.writeInt32BE(resized - start - 4, start)
    return resized
  }
}

const TEMPLATES = 4000

/** Requests of every kind, as frames. */
function templates(random: Prng): Buffer[] {
  const maker = new RequestMaker(random, { hasSuper: true, enforcesQuota: false })
  const makers = [
    () => maker.create(),
    () => maker.delete(),
    () => maker.setData(),
    () => maker.setAcl(),
    () => maker.read(),
    () => maker.pathOnly(),
    () => maker.bodiless(),
    () => maker.addWatch(),
    () => maker.checkOrRemoveWatches(),
    () => maker.setWatches(),
    () => maker.multi(),
    () => maker.multiRead(),
    () => maker.reconfig(),
  ]
  const ending = [() => maker.auth(), () => maker.sasl(), () => maker.unknownOpcode(), () => maker.closeSession()]
  return Array.from({ length: TEMPLATES }, () => {
    if (random.oneIn(2000)) return requestFrame(random.uint32(), random.uint32(), random.bytes(random.below(200)))
    const { op, body } = random.pick(random.oneIn(2000) ? ending : makers)()
    return requestFrame(maker.nextXid(), op, body)
  })
}
