import { ByteWriter } from '../bytes.ts'
import { Op, opName } from '../opcodes.ts'
import type { Prng } from '../prng.ts'
import * as records from '../records.ts'
import { describeAcl, describeData } from '../tree-walk.ts'
import * as words from './vocabulary.ts'

/** A request without its place in a script. */
export interface Draft {
  op: number
  body: Buffer
  note: string
  zxidBack?: number
  /** Whether the write meets a quota: such writes are not pipelined one after another (see `generator.ts`). */
  quota: boolean
  /** Whether the body may be corrupted anywhere. */
  fragile: boolean
}

interface DraftOptions {
  path?: string | null
  zxidBack?: number
  fragile?: boolean
}

function draft(op: number, body: Buffer, detail: string, options: DraftOptions = {}): Draft {
  const path = options.path ?? null
  const inQuota = words.touchesQuota(path)
  const made: Draft = {
    op,
    body,
    note: `${opName(op)} ${detail}`.trimEnd(),
    quota: inQuota && WRITES.has(op),
    fragile: options.fragile ?? inQuota,
  }
  if (options.zxidBack !== undefined) made.zxidBack = options.zxidBack
  return made
}

/** Whether requests of this kind change the tree. */
export function isWrite(op: number): boolean {
  return WRITES.has(op)
}

const WRITES = new Set<number>([
  Op.create,
  Op.create2,
  Op.createContainer,
  Op.createTtl,
  Op.delete,
  Op.setData,
  Op.setAcl,
  Op.multi,
])

function aclText(acl: readonly records.Acl[] | null): string {
  return acl === null ? 'null' : `[${describeAcl(acl)}]`
}

/**
 * The data for a write. A quota's usage node is left to the server, and what a limits node is given is well-formed: Apache
 * takes both at their word.
 */
function dataFor(random: Prng, path: string | null): Buffer | null {
  return path?.endsWith('/zookeeper_limits') ? words.limitsData(random) : words.anyData(random)
}

function isUsage(path: string | null): boolean {
  return path?.endsWith('/zookeeper_stats') ?? false
}

/** Sequential znodes go below one parent, so that they can be found again to be deleted. */
const SEQUENCE_PARENT = '/s'

export class RequestMaker {
  readonly #random: Prng
  readonly #hasSuper: boolean
  #sequenceDeleted = 0
  #sequenceMade = 0
  #xid = 0

  constructor(random: Prng, hasSuper: boolean) {
    this.#random = random
    this.#hasSuper = hasSuper
  }

  /** The next of the ordinary xids. */
  nextXid(): number {
    return ++this.#xid
  }

  /** Any of create, create2, createContainer and createTTL, mostly sensible. */
  create(): Draft {
    const random = this.#random
    const op = random.weighted([
      [8, Op.create],
      [5, Op.create2],
      [2, Op.createContainer],
      [2, Op.createTtl],
    ])
    const flags = random.weighted<() => number>([
      [10, () => 0],
      [5, () => 1],
      [2, () => 2],
      [2, () => 3],
      [1, () => 4],
      [1, () => 5],
      [1, () => 6],
      [1, () => random.pick([7, -1, 0x7fffffff, 64])],
    ])()
    if (op === Op.createTtl) return this.#createTtl()
    return this.#createWith(op, op === Op.createContainer ? flags & ~1 : flags)
  }

  /**
   * A container with the flag of an ephemeral, which only becomes a container when it is applied: until then Apache lets
   * it have no children, so nothing should be pipelined behind it.
   */
  containerMadeAsEphemeral(): Draft {
    return this.#createWith(Op.createContainer, this.#random.pick([1, 3]))
  }

  #createWith(op: number, flags: number): Draft {
    const random = this.#random
    const sequential = flags === 2 || flags === 3
    const path = sequential && random.below(10) > 0 ? this.#sequencePath() : this.#creatable()
    const data = dataFor(random, path)
    const acl = words.anyAcl(random)
    const body = records.createBody(path, data, acl, flags)
    const detail = `${JSON.stringify(path)} data=${describeData(data)} acl=${aclText(acl)} flags=${flags}`
    return draft(op, body, detail, { path })
  }

  /** createTTL, with lifetimes that outlast the run, and wrong ones. A flag without a TTL only comes with ttl ≥ 0. */
  #createTtl(): Draft {
    const random = this.#random
    const flags = random.weighted([
      [6, 5],
      [2, 6],
      [1, 0],
      [1, 2],
      [1, 9],
    ])
    const right = 1_000_000 + random.below(1000)
    const ttls = flags === 5 || flags === 6 ? [right, right, right, 0, -1, -5, 0xffffffffff, 0x10000000000] : [right, 0]
    const ttl = random.pick(ttls)
    const path = flags === 6 || flags === 2 ? this.#sequencePath() : this.#creatable()
    const data = dataFor(random, path)
    const acl = words.anyAcl(random)
    const body = records.createBody(path, data, acl, flags, ttl)
    const detail = `${JSON.stringify(path)} data=${describeData(data)} acl=${aclText(acl)} flags=${flags} ttl=${ttl}`
    return draft(Op.createTtl, body, detail, { path, fragile: true })
  }

  delete(): Draft {
    const random = this.#random
    if (this.#sequenceDeleted < this.#sequenceMade && random.oneIn(3)) return this.#deleteSequential()
    const path = words.anyPath(random)
    const version = random.below(3) > 0 ? -1 : words.anyVersion(random)
    return draft(Op.delete, records.versionedBody(path, version), `${JSON.stringify(path)} version=${version}`, {
      path,
    })
  }

  setData(): Draft {
    const random = this.#random
    const drawn = words.anyPath(random)
    const path = isUsage(drawn) ? words.quotaLimitsPath(random) : drawn
    const data = dataFor(random, path)
    const version = words.anyVersion(random)
    const detail = `${JSON.stringify(path)} data=${describeData(data)} version=${version}`
    return draft(Op.setData, records.setDataBody(path, data, version), detail, { path })
  }

  check(): Draft {
    const path = words.anyPath(this.#random)
    const version = words.anyVersion(this.#random)
    return draft(Op.check, records.versionedBody(path, version), `${JSON.stringify(path)} version=${version}`, { path })
  }

  setAcl(): Draft {
    const random = this.#random
    const path = words.anyPath(random)
    // The root and what is reserved stay open, or soon nothing could be done at all.
    const everybodys = path === '/' || path === '' || path?.startsWith('/zookeeper')
    const acl = everybodys ? records.OPEN_ACL : words.anyAcl(random)
    const version = random.below(2) > 0 ? -1 : words.anyVersion(random)
    const detail = `${JSON.stringify(path)} acl=${aclText(acl)} version=${version}`
    return draft(Op.setAcl, records.setAclBody(path, acl, version), detail, { path })
  }

  /** exists, getData, getChildren, getChildren2, with or without a watch. */
  read(): Draft {
    const random = this.#random
    const op = random.pick([Op.exists, Op.exists, Op.getData, Op.getData, Op.getChildren, Op.getChildren2])
    const path = words.anyPath(random)
    const watch = random.oneIn(3)
    return draft(op, records.readBody(path, watch), `${JSON.stringify(path)} watch=${watch}`, { path })
  }

  /** Requests that are a path and nothing else. */
  pathOnly(): Draft {
    const random = this.#random
    const op = random.pick([Op.getAcl, Op.getAcl, Op.getAcl, Op.sync, Op.getEphemerals, Op.getAllChildrenNumber])
    const path = words.anyPath(random)
    return draft(op, records.pathBody(path), JSON.stringify(path), { path })
  }

  bodiless(): Draft {
    const op = this.#random.pick([Op.ping, Op.whoAmI])
    return draft(op, Buffer.alloc(0), '')
  }

  addWatch(): Draft {
    const path = words.anyPath(this.#random)
    const mode = this.#random.pick([0, 0, 1, 1, 2, -1])
    return draft(Op.addWatch, new ByteWriter().string(path).int(mode).take(), `${JSON.stringify(path)} mode=${mode}`)
  }

  checkOrRemoveWatches(): Draft {
    const op = this.#random.pick([Op.checkWatches, Op.removeWatches])
    const path = words.anyPath(this.#random)
    const type = this.#random.pick([1, 2, 3, 3, 4, 5, 0, 6, -1])
    return draft(op, new ByteWriter().string(path).int(type).take(), `${JSON.stringify(path)} type=${type}`)
  }

  setWatches(): Draft {
    const random = this.#random
    const op = random.pick([Op.setWatches, Op.setWatches2])
    const list = () =>
      random.oneIn(20) ? null : Array.from({ length: random.below(4) }, () => words.anyPath(random) ?? '/a')
    const lists = Array.from({ length: op === Op.setWatches ? 3 : 5 }, list)
    const zxidBack = random.pick([0, 1, 10, 100, -5])
    const writer = new ByteWriter().long(0)
    for (const paths of lists) writer.vector(paths, (w, path) => w.string(path))
    return draft(op, writer.take(), `zxid=last-${zxidBack} ${JSON.stringify(lists)}`, { zxidBack, fragile: true })
  }

  multi(): Draft {
    const random = this.#random
    const count = random.weighted([
      [1, 0],
      [3, 1],
      [5, 2],
      [4, 3],
      [2, 5],
    ])
    const parts = Array.from({ length: count }, () => this.#multiPart())
    return this.#wrapped(Op.multi, parts)
  }

  multiRead(): Draft {
    const random = this.#random
    const parts = Array.from({ length: random.below(5) }, () => {
      if (random.oneIn(25)) return this.delete()
      const path = words.anyPath(random)
      const op = random.pick([Op.getData, Op.getChildren])
      return draft(op, records.readBody(path, random.oneIn(4)), JSON.stringify(path), { path })
    })
    return this.#wrapped(Op.multiRead, parts)
  }

  /** auth with credentials of any kind; the unknown ones end the connection. */
  auth(): Draft {
    const random = this.#random
    const user = random.pick(words.USERS)
    const [scheme, auth] = random.weighted<readonly [string | null, Buffer | null]>([
      [12, ['digest', Buffer.from(user)]],
      [1, ['digest', Buffer.from([0xff, 0xfe, 0x3a, 0x80])]],
      [1, ['digest', Buffer.alloc(0)]],
      [1, ['digest', null]],
      [1, ['ip', Buffer.alloc(0)]],
      [1, [random.pick(['world', 'auth', 'super', 'sasl', 'x509', 'unknown', '']), Buffer.from('anyone')]],
      [1, [null, Buffer.from(user)]],
    ])
    return draft(Op.auth, records.authBody(scheme, auth), `${scheme} ${describeData(auth)}`)
  }

  becomeSuper(): Draft {
    const user = this.#hasSuper ? words.SUPER_USER : 'u1:p1'
    return draft(Op.auth, records.authBody('digest', Buffer.from(user)), `digest ${user}`)
  }

  sasl(): Draft {
    const token = words.anyData(this.#random)
    return draft(Op.sasl, new ByteWriter().buffer(token).take(), describeData(token))
  }

  reconfig(): Draft {
    const random = this.#random
    const text = () => random.pick([null, '', 'server.1=127.0.0.1:2888:3888;2181', 'nonsense'])
    const fields = [text(), text(), text()]
    const version = random.pick([-1, 0, 7])
    const writer = new ByteWriter()
    for (const field of fields) writer.string(field)
    return draft(Op.reconfig, writer.long(version).take(), `${JSON.stringify(fields)} version=${version}`)
  }

  closeSession(): Draft {
    return draft(Op.closeSession, Buffer.alloc(0), '')
  }

  /** An opcode that clients have no business sending. */
  unknownOpcode(): Draft {
    const op = this.#random.pick([0, 10, 23, 50, 99, 108, 1000, -1, -2, -12, 0x7fffffff, -0x80000000])
    return draft(op, Buffer.from('whatever'), '')
  }

  #creatable(): string | null {
    const path = words.anyPath(this.#random)
    return isUsage(path) && !this.#random.oneIn(2) ? words.quotaLimitsPath(this.#random) : path
  }

  #sequencePath(): string {
    if (this.#random.oneIn(4)) return `${words.ordinaryPath(this.#random)}/${this.#random.pick(['', 'n-'])}`
    this.#sequenceMade++
    return `${SEQUENCE_PARENT}/`
  }

  #deleteSequential(): Draft {
    const path = `${SEQUENCE_PARENT}/${String(this.#sequenceDeleted++).padStart(10, '0')}`
    return draft(Op.delete, records.versionedBody(path, -1), `${JSON.stringify(path)} version=-1`, { path })
  }

  #multiPart(): Draft {
    const random = this.#random
    return random.weighted<() => Draft>([
      [10, () => this.create()],
      [6, () => this.delete()],
      [6, () => this.setData()],
      [5, () => this.check()],
      [
        1,
        () =>
          random.pick([() => this.setAcl(), () => this.read(), () => this.unknownOpcode(), () => this.bodiless()])(),
      ],
    ])()
  }

  /** Puts sub-requests into a multi, now and then with something wrong about the envelope. */
  #wrapped(op: number, parts: Draft[]): Draft {
    const random = this.#random
    const writer = new ByteWriter()
    for (const part of parts) {
      writer
        .int(part.op)
        .bool(random.oneIn(200))
        .int(random.oneIn(50) ? 7 : -1)
        .raw(part.body)
    }
    const complete = !random.oneIn(60)
    if (complete)
      writer
        .int(random.oneIn(60) ? 3 : -1)
        .bool(true)
        .int(-1)
    const notes = parts.map((part) => part.note).join(', ')
    const made = draft(op, writer.take(), `{ ${notes} }${complete ? '' : ' without an end'}`)
    made.quota = parts.some((part) => part.quota)
    made.fragile = parts.some((part) => part.fragile)
    return made
  }
}
