import { ByteWriter } from '../bytes.ts'
import { Op } from '../opcodes.ts'
import { Prng } from '../prng.ts'
import { createBody, OPEN_ACL } from '../records.ts'
import { type Draft, isWrite, RequestMaker } from './requests.ts'
import { type Attach, PLAIN_ATTACH, type Request, requestCount, type Step } from './script.ts'

const SLOTS = 6
/** The slot that tidies up what others have locked. */
const SUPER_SLOT = 5
const MAX_BURST = 16

export interface ScriptOptions {
  seed: number
  /** About how many requests to make. */
  requests: number
  /** Whether `SUPER_USER` is a super user of the servers. */
  hasSuper: boolean
}

/**
 * A script from a seed: the same steps every time, without knowing what servers answer.
 *
 * What leaves the order or the content of replies to chance on Apache is sent alone: `auth`, `sasl` and unknown opcodes
 * are answered by the thread that read them, past whatever is in its pipeline. A quota is checked against the tree as it
 * is, not as it will be, so two writes that meet one are not pipelined; nor is a write behind a setACL, whose list
 * `PrepRequestProcessor` leaves out of the outstanding change.
 */
export function* makeScript(options: ScriptOptions): Generator<Step> {
  const random = new Prng(options.seed)
  const maker = new RequestMaker(random, options.hasSuper)
  let left = options.requests
  for (const step of beginning(options.hasSuper)) {
    left -= requestCount(step)
    yield step
  }
  while (left > 0) {
    const step = anyStep(random, maker)
    left -= requestCount(step)
    yield step
  }
}

/** Parents for sequential znodes and quotas, made by a super user. */
function* beginning(hasSuper: boolean): Generator<Step> {
  if (hasSuper) {
    const body = new ByteWriter().int(0).string('digest').buffer(Buffer.from('super:secret')).take()
    yield alone(SUPER_SLOT, { op: Op.auth, xid: -4, body, note: 'auth digest super:secret' }, 'perhaps')
  }
  for (const path of ['/s', '/q', '/r', '/zookeeper/quota/q', '/zookeeper/quota/r', '/zookeeper/quota/q/a']) {
    yield alone(
      SUPER_SLOT,
      { op: Op.create, xid: 1, body: createBody(path, null, OPEN_ACL, 0), note: `create ${path}` },
      'goes on',
    )
  }
}

type After = 'goes on' | 'perhaps' | 'ended'

function alone(slot: number, request: Request, after: After): Step {
  return { kind: 'requests', slot, requests: [request], after }
}

function anyStep(random: Prng, maker: RequestMaker): Step {
  const slot = random.below(SLOTS)
  return random.weighted<() => Step>([
    [900, () => burst(random, maker, slot)],
    [12, () => alone(slot, placed(maker, random, maker.auth(), -4), 'perhaps')],
    [30, () => alone(SUPER_SLOT, placed(maker, random, maker.becomeSuper(), -4), 'perhaps')],
    [60, () => alone(SUPER_SLOT, placed(maker, random, random.oneIn(2) ? maker.setAcl() : maker.delete()), 'goes on')],
    [6, () => alone(slot, placed(maker, random, maker.containerMadeAsEphemeral()), 'goes on')],
    [3, () => alone(slot, placed(maker, random, maker.sasl()), 'perhaps')],
    [3, () => alone(slot, placed(maker, random, maker.reconfig()), 'perhaps')],
    [6, () => alone(slot, placed(maker, random, maker.unknownOpcode()), 'ended')],
    [2, () => alone(slot, placed(maker, random, maker.check()), 'ended')],
    [12, () => alone(slot, placed(maker, random, maker.closeSession()), 'ended')],
    [10, () => ({ kind: 'drop', slot })],
    [20, () => ({ kind: 'attach', slot, attach: anyAttach(random, slot) })],
    [4, () => rawBytes(random, slot)],
  ])()
}

function burst(random: Prng, maker: RequestMaker, slot: number): Step {
  const wanted = random.weighted<() => number>([
    [5, () => 1],
    [3, () => 2 + random.below(3)],
    [3, () => 1 + random.below(MAX_BURST)],
  ])()
  const requests: Request[] = []
  let quota = false
  let relocked = false
  for (let i = 0; i < wanted; i++) {
    const made = pipelined(random, maker)
    if ((made.quota && quota) || (isWrite(made.op) && relocked)) continue
    quota ||= made.quota
    relocked ||= made.op === Op.setAcl
    requests.push(placed(maker, random, random.oneIn(30) ? damaged(random, made) : made))
  }
  return { kind: 'requests', slot, requests, after: 'goes on' }
}

/** A request that may stand anywhere in a pipeline. */
function pipelined(random: Prng, maker: RequestMaker): Draft {
  return random.weighted<() => Draft>([
    [26, () => maker.create()],
    [16, () => maker.delete()],
    [12, () => maker.setData()],
    [6, () => maker.setAcl()],
    [22, () => maker.read()],
    [10, () => maker.pathOnly()],
    [2, () => maker.bodiless()],
    [6, () => maker.addWatch()],
    [5, () => maker.checkOrRemoveWatches()],
    [4, () => maker.setWatches()],
    [10, () => maker.multi()],
    [4, () => maker.multiRead()],
  ])()
}

/** Gives a request its xid. Any will do but −1, which in a reply would make it an event. */
function placed(maker: RequestMaker, random: Prng, made: Draft, xid?: number): Request {
  const chosen =
    xid ?? (random.oneIn(100) ? random.pick([0, -2, -3, -4, -8, 0x7fffffff, -0x80000000]) : maker.nextXid())
  const { op, body, note, zxidBack } = made
  return zxidBack === undefined ? { op, xid: chosen, body, note } : { op, xid: chosen, body, note, zxidBack }
}

/** A body cut short, lengthened, or with some of it overwritten. */
function damaged(random: Prng, made: Draft): Draft {
  const { body } = made
  const kind = body.length < 4 || made.fragile ? random.below(2) : random.below(5)
  switch (kind) {
    case 0: {
      const extra = random.bytes(1 + random.below(12))
      return { ...made, body: Buffer.concat([body, extra]), note: `${made.note} with ${extra.length} bytes more` }
    }
    case 1: {
      const kept = random.below(body.length + 1)
      if (made.zxidBack !== undefined && kept < 8) return made
      return { ...made, body: body.subarray(0, kept), note: `${made.note} cut to ${kept} bytes` }
    }
    case 2:
    case 3: {
      const copy = Buffer.from(body)
      const at = random.oneIn(2) ? 0 : random.below(body.length - 3)
      const value = random.pick([-1, -2, 0x7fffffff, -0x80000000, 0x00ffffff, 0, 1, 100_000])
      copy.writeInt32BE(value, at)
      return { ...made, body: copy, note: `${made.note} with ${value} at byte ${at}: ${copy.toString('hex')}` }
    }
    default: {
      const copy = Buffer.from(body)
      const at = random.below(body.length)
      copy[at] = random.uint32()
      return { ...made, body: copy, note: `${made.note} with byte ${at} changed: ${copy.toString('hex')}` }
    }
  }
}

function anyAttach(random: Prng, slot: number): Attach {
  const sessionOf = random.weighted<number | null>([
    [3, null],
    [5, slot],
    [2, random.below(SLOTS)],
  ])
  const password = random.weighted([
    [10, 'right'],
    [2, 'wrong'],
    [1, 'short'],
    [1, 'null'],
  ] as const)
  return {
    ...PLAIN_ATTACH,
    // With a wrong password only one's own session, which has no other connection then: see `explained.ts`.
    sessionOf: password === 'right' || sessionOf === null ? sessionOf : slot,
    password,
    timeoutMs: random.pick([400_000, 400_000, 0, -1, 1000, 0x7fffffff, -0x80000000]),
    zxidAhead: random.weighted([
      [4, null],
      [4, 0],
      [2, -10],
      [1, 1],
      [1, 1000],
    ]),
    readOnly: random.pick([false, false, true, undefined]),
    protocolVersion: random.pick([0, 0, 0, 1, -1]),
    cut: random.weighted([
      [20, 0],
      [1, 2],
      [1, 10],
      [1, 30],
      [1, -1],
      [1, -20],
    ]),
  }
}

/** Bytes that are no request at all. */
function rawBytes(random: Prng, slot: number): Step {
  const fresh = random.oneIn(2)
  const [note, bytes] = random.pick<readonly [string, Buffer]>([
    ['of a frame of length −1', Buffer.from('ffffffff', 'hex')],
    ['of a frame of the smallest length', Buffer.from('80000000', 'hex')],
    ['of a frame one byte too long', Buffer.from('00100000', 'hex')],
    ['of a frame of the greatest length', Buffer.from('7fffffff', 'hex')],
    ['of an empty frame', Buffer.from('00000000', 'hex')],
    ['of half a request header', Buffer.from('0000000400000001', 'hex')],
    ['of a request header less one', Buffer.from('0000000700000001000000', 'hex')],
    ['of an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])
  return { kind: 'bytes', slot, fresh, bytes, note }
}
