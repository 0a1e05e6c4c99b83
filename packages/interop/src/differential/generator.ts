import { ByteWriter } from '../bytes.ts'
import { Op } from '../opcodes.ts'
import { Prng } from '../prng.ts'
import { createBody, OPEN_ACL } from '../records.ts'
import { type Draft, RequestMaker, type VocabularyOptions } from './requests.ts'
import { type Attach, PLAIN_ATTACH, type Request, requestCount, type Step } from './script.ts'
import { bearingOfDamaged, Underway } from './underway.ts'

const SLOTS = 6
/** The slot that tidies up what others have locked. */
const SUPER_SLOT = 5
const MAX_BURST = 16

export interface ScriptOptions extends VocabularyOptions {
  seed: number
  /** About how many requests to make. */
  requests: number
}

/**
 * A script from a seed: the same steps every time, without knowing what servers answer. What Apache leaves to chance is
 * left out of it (see `explained.ts`), and nothing else.
 */
export function* makeScript(options: ScriptOptions): Generator<Step> {
  const random = new Prng(options.seed)
  const maker = new RequestMaker(random, options)
  let left = options.requests
  for (const step of beginning(options.hasSuper)) {
    left -= requestCount(step)
    yield step
  }
  while (left > 0) {
    const step = anyStep(random, maker, options)
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

type Requests = Extract<Step, { kind: 'requests' }>

function alone(slot: number, request: Request, after: Requests['after']): Step {
  return { kind: 'requests', slot, requests: [request], after }
}

function anyStep(random: Prng, maker: RequestMaker, options: ScriptOptions): Step {
  const slot = random.below(SLOTS)
  return random.weighted<() => Step>([
    [900, () => burst(random, maker, slot, options)],
    [12, () => alone(slot, placed(maker, random, maker.auth(), -4), 'perhaps')],
    [6, () => behindAuth(random, maker, slot, options)],
    [30, () => alone(SUPER_SLOT, placed(maker, random, maker.becomeSuper(), -4), 'perhaps')],
    [60, () => alone(SUPER_SLOT, placed(maker, random, random.oneIn(2) ? maker.setAcl() : maker.delete()), 'goes on')],
    [3, () => alone(slot, placed(maker, random, maker.sasl()), 'perhaps')],
    [6, () => alone(slot, placed(maker, random, maker.unknownOpcode()), 'ended')],
    [2, () => alone(slot, placed(maker, random, maker.check()), 'ended')],
    [6, () => alone(slot, placed(maker, random, maker.closeSession()), 'ended')],
    [6, () => burst(random, maker, slot, options, maker.closeSession())],
    [10, () => ({ kind: 'drop', slot })],
    [20, () => ({ kind: 'attach', slot, attach: anyAttach(random, slot) })],
    [4, () => rawBytes(random, slot)],
  ])()
}

/** Requests that are sent at once; if `end` can stand behind them, it does. */
function burst(random: Prng, maker: RequestMaker, slot: number, options: ScriptOptions, end?: Draft): Requests {
  const wanted = random.weighted<() => number>([
    [5, () => 1],
    [3, () => 2 + random.below(3)],
    [3, () => 1 + random.below(MAX_BURST)],
  ])()
  const requests: Request[] = []
  const underway = new Underway(options.enforcesQuota)
  while (requests.length < wanted) {
    const drawn = pipelined(random, maker)
    const made = random.oneIn(30) ? damaged(random, drawn) : drawn
    if (!underway.isCertain(made.bearing)) continue
    underway.add(made.bearing)
    requests.push(placed(maker, random, made))
  }
  if (end === undefined || !underway.isCertain(end.bearing))
    return { kind: 'requests', slot, requests, after: 'goes on' }
  requests.push(placed(maker, random, end))
  return { kind: 'requests', slot, requests, after: 'ended' }
}

/** Credentials are taken by the thread that reads them, before it reads what is behind them. */
function behindAuth(random: Prng, maker: RequestMaker, slot: number, options: ScriptOptions): Step {
  const { requests } = burst(random, maker, slot, options)
  // Where the scheme digest is switched off this ends the connection, and how much of the rest was read is left to chance.
  if (!options.hasSuper) return { kind: 'requests', slot, requests, after: 'goes on' }
  return { kind: 'requests', slot, requests: [placed(maker, random, maker.login(), -4), ...requests], after: 'goes on' }
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
    [1, () => maker.reconfig()],
    [6, () => maker.addWatch()],
    [5, () => maker.checkOrRemoveWatches()],
    [4, () => maker.setWatches()],
    [10, () => maker.multi()],
    [4, () => maker.multiRead()],
  ])()
}

/** Gives a request its xid. Any will do, but a reply to −1 can only be told from an event where it has no body. */
function placed(maker: RequestMaker, random: Prng, made: Draft, xid?: number): Request {
  const odd = made.op === Op.ping || made.op === Op.delete ? [-1, ...ODD_XIDS] : ODD_XIDS
  const chosen = xid ?? (random.oneIn(100) ? random.pick(odd) : maker.nextXid())
  const { op, body, note, zxidBack } = made
  return zxidBack === undefined ? { op, xid: chosen, body, note } : { op, xid: chosen, body, note, zxidBack }
}

const ODD_XIDS = [0, -2, -3, -4, -8, 0x7fffffff, -0x80000000]

/** A body cut short, lengthened, or with some of it overwritten. */
function damaged(random: Prng, made: Draft): Draft {
  const { body, note } = made
  // A zxid in front is put there later.
  const first = made.zxidBack === undefined ? 0 : 8
  const kind = body.length < first + 4 || made.fragile ? random.below(2) : random.below(5)
  if (kind === 0) {
    const extra = random.bytes(1 + random.below(12))
    return { ...made, body: Buffer.concat([body, extra]), note: `${note} with ${extra.length} bytes more` }
  }
  if (kind === 1) {
    const kept = first + random.below(body.length - first + 1)
    return { ...made, body: body.subarray(0, kept), note: `${note} cut to ${kept} bytes` }
  }
  const copy = Buffer.from(body)
  const bearing = bearingOfDamaged(made.op)
  if (kind === 4) {
    const at = first + random.below(body.length - first)
    copy[at] = random.uint32()
    return { ...made, bearing, body: copy, note: `${note} with byte ${at} changed: ${copy.toString('hex')}` }
  }
  const at = random.oneIn(2) ? first : first + random.below(body.length - first - 3)
  const value = random.pick([-1, -2, 0x7fffffff, -0x80000000, 0x00ffffff, 0, 1, 100_000])
  copy.writeInt32BE(value, at)
  return { ...made, bearing, body: copy, note: `${note} with ${value} at byte ${at}: ${copy.toString('hex')}` }
}

function anyAttach(random: Prng, slot: number): Attach {
  return {
    ...PLAIN_ATTACH,
    sessionOf: random.weighted<number | null>([
      [3, null],
      [5, slot],
      [2, random.below(SLOTS)],
    ]),
    password: random.weighted([
      [10, 'right'],
      [2, 'wrong'],
      [1, 'short'],
      [1, 'null'],
    ] as const),
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
