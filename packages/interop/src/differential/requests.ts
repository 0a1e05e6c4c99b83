import { ByteWriter } from '../bytes.ts'
import { Op, opName } from '../opcodes.ts'
import type { Prng } from '../prng.ts'
import * as records from '../records.ts'
import { describeAcl, describeData } from '../tree-walk.ts'
import { type Bearing, bearingOf, bearingOfAll, CLOSING, NO_BEARING, Underway } from './underway.ts'
import * as words from './vocabulary.ts'

/** A request without its place in a script. */
export interface Draft {
  op: number
  body: Buffer
  note: string
  zxidBack?: number
  bearing: Bearing
  /** Whether bytes of the body must not be overwritten, because what might come out is one of the requests left out. */
  fragile: boolean
}

function draft(op: number, body: Buffer, detail: string, bearing = NO_BEARING, fragile = false): Draft {
  return { op, body, note: `${opName(op)} ${detail}`.trimEnd(), bearing, fragile }
}

function aclText(acl: readonly records.Acl[] | null): string {
  return acl === null ? 'null' : `[${describeAcl(acl)}]`
}

/** Sequential znodes go below one parent, so that they can be found again to be deleted. */
const SEQUENCE_PARENT = '/s'

/** What of the servers' configuration decides about the requests. */
export interface VocabularyOptions {
  /** Whether `SUPER_USER` is a super user of the servers. */
  hasSuper: boolean
  /** Whether a write that passes a hard limit is refused. */
  enforcesQuota: boolean
}

export class RequestMaker {
  readonly #random: Prng
  readonly #options: VocabularyOptions
  #sequenceDeleted = 0
  #sequenceMade = 0
  #xid = 0

  constructor(random: Prng, options: VocabularyOptions) {
    this.#random = random
    this.#options = options
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
    const sequential = flags === 2 || flags === 3
    const path = sequential && random.below(10) > 0 ? this.#sequencePath() : words.anyPath(random)
    const data = this.#dataFor(path, false)
    const acl = words.anyAcl(random)
    const body = records.createBody(path, data, acl, flags)
    const detail = `${JSON.stringify(path)} data=${describeData(data)} acl=${aclText(acl)} flags=${flags}`
    return draft(op, body, detail, bearingOf(op, path, acl, flags), this.#isFragile(path))
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
    const path = flags === 6 || flags === 2 ? this.#sequencePath() : words.anyPath(random)
    const data = this.#dataFor(path, false)
    const acl = words.anyAcl(random)
    const body = records.createBody(path, data, acl, flags, ttl)
    const detail = `${JSON.stringify(path)} data=${describeData(data)} acl=${aclText(acl)} flags=${flags} ttl=${ttl}`
    return draft(Op.createTtl, body, detail, bearingOf(Op.createTtl, path, acl), true)
  }

  delete(): Draft {
    const random = this.#random
    if (this.#sequenceDeleted < this.#sequenceMade && random.oneIn(3)) return this.#deleteSequential()
    const path = words.anyPath(random)
    const version = random.below(3) > 0 ? -1 : words.anyVersion(random)
    return this.#versioned(Op.delete, path, version)
  }

  setData(): Draft {
    const random = this.#random
    const path = words.anyPath(random)
    const data = this.#dataFor(path, true)
    const version = words.anyVersion(random)
    const detail = `${JSON.stringify(path)} data=${describeData(data)} version=${version}`
    const body = records.setDataBody(path, data, version)
    return draft(Op.setData, body, detail, bearingOf(Op.setData, path), this.#isFragile(path))
  }

  check(): Draft {
    return this.#versioned(Op.check, words.anyPath(this.#random), words.anyVersion(this.#random))
  }

  setAcl(): Draft {
    const random = this.#random
    const path = words.anyPath(random)
    // The root and what is reserved stay open, or soon nothing could be done at all.
    const everybodys = path === '/' || path === '' || path?.startsWith('/zookeeper')
    const acl = everybodys ? records.OPEN_ACL : words.anyAcl(random)
    const version = random.below(2) > 0 ? -1 : words.anyVersion(random)
    const detail = `${JSON.stringify(path)} acl=${aclText(acl)} version=${version}`
    return draft(Op.setAcl, records.setAclBody(path, acl, version), detail, bearingOf(Op.setAcl, path))
  }

  /** exists, getData, getChildren, getChildren2, with or without a watch. */
  read(): Draft {
    const random = this.#random
    const op = random.pick([Op.exists, Op.exists, Op.getData, Op.getData, Op.getChildren, Op.getChildren2])
    const path = words.anyPath(random)
    const watch = random.oneIn(3)
    return draft(op, records.readBody(path, watch), `${JSON.stringify(path)} watch=${watch}`)
  }

  /** Requests that are a path and nothing else. */
  pathOnly(): Draft {
    const random = this.#random
    const op = random.pick([Op.getAcl, Op.getAcl, Op.getAcl, Op.sync, Op.getEphemerals, Op.getAllChildrenNumber])
    const path = words.anyPath(random)
    return draft(op, records.pathBody(path), JSON.stringify(path))
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
    const list = () => (random.oneIn(20) ? null : Array.from({ length: random.below(4) }, () => words.anyPath(random)))
    const lists = Array.from({ length: op === Op.setWatches ? 3 : 5 }, list)
    const zxidBack = random.pick([0, 1, 10, 100, -5])
    const writer = new ByteWriter().long(0)
    for (const paths of lists) writer.vector(paths, (w, path) => w.string(path))
    return { ...draft(op, writer.take(), `zxid=last-${zxidBack} ${JSON.stringify(lists)}`), zxidBack }
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
    // What one part does is under way when the next is looked at; quotas are asked about the tree as it is, in any case.
    const underway = new Underway(false)
    const certain = parts.filter(({ bearing }) => {
      if (!underway.isCertain(bearing)) return false
      underway.add(bearingOfAll([bearing]))
      return true
    })
    return this.#wrapped(Op.multi, certain)
  }

  multiRead(): Draft {
    const random = this.#random
    const parts = Array.from({ length: random.below(5) }, () => {
      if (random.oneIn(25)) return this.delete()
      const path = words.anyPath(random)
      const op = random.pick([Op.getData, Op.getChildren])
      return draft(op, records.readBody(path, random.oneIn(4)), JSON.stringify(path))
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

  /** Credentials that are accepted. */
  login(): Draft {
    const user = this.#random.pick(words.USERS)
    return draft(Op.auth, records.authBody('digest', Buffer.from(user)), `digest ${user}`)
  }

  becomeSuper(): Draft {
    const user = this.#options.hasSuper ? words.SUPER_USER : 'u1:p1'
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
    return draft(Op.closeSession, Buffer.alloc(0), '', CLOSING)
  }

  /** An opcode that clients have no business sending. */
  unknownOpcode(): Draft {
    const op = this.#random.pick([0, 10, 23, 50, 99, 108, 1000, -1, -2, -12, 0x7fffffff, -0x80000000])
    return draft(op, Buffer.from('whatever'), '')
  }

  /** A delete or a check. */
  #versioned(op: number, path: string | null, version: number): Draft {
    const body = records.versionedBody(path, version)
    return draft(op, body, `${JSON.stringify(path)} version=${version}`, bearingOf(op, path))
  }

  /** The data for a write. What Apache takes at its word, and stops or refuses everything if it is wrong, is well-formed. */
  #dataFor(path: string | null, exists: boolean): Buffer | null {
    const random = this.#random
    if (path?.endsWith('/zookeeper_limits')) return words.limitsData(random, this.#options.enforcesQuota)
    // A usage is counted when its znode is made, whatever the data.
    if (exists && path?.endsWith('/zookeeper_stats')) return words.usageData(random)
    return words.anyData(random)
  }

  #isFragile(path: string | null): boolean {
    return path?.startsWith('/zookeeper/quota/') ?? false
  }

  #sequencePath(): string {
    if (this.#random.oneIn(4)) return `${words.ordinaryPath(this.#random)}/${this.#random.pick(['', 'n-'])}`
    this.#sequenceMade++
    return `${SEQUENCE_PARENT}/`
  }

  #deleteSequential(): Draft {
    const path = `${SEQUENCE_PARENT}/${String(this.#sequenceDeleted++).padStart(10, '0')}`
    return this.#versioned(Op.delete, path, -1)
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
    made.bearing = bearingOfAll(parts.map((part) => part.bearing))
    made.fragile = parts.some((part) => part.fragile)
    return made
  }
}
