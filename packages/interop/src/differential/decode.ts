import { ByteReader } from '../bytes.ts'
import { errorName, Op } from '../opcodes.ts'
import { readAcl, readStat } from '../records.ts'
import { describeAcl, describeData } from '../tree-walk.ts'
import { bodyIsExplained, inExplainedOrder } from './explained.ts'
import type { Naming } from './naming.ts'

type Read = (reader: ByteReader, naming: Naming) => string

const stat: Read = (reader, naming) => {
  const s = readStat(reader)
  const zxids = [s.czxid, s.mzxid, s.pzxid].map((zxid) => naming.zxid(zxid)).join(' ')
  const times = `${naming.time(s.czxid, s.ctime)} ${naming.time(s.mzxid, s.mtime)}`
  const owner = naming.owner(s.ephemeralOwner)
  return `stat(c/m/pzxid ${zxids}, times ${times}, versions ${s.version} ${s.cversion} ${s.aversion}, owner ${owner}, length ${s.dataLength}, children ${s.numChildren})`
}

const text: Read = (reader) => JSON.stringify(reader.string())
const data: Read = (reader) => describeData(reader.buffer())
// Children and ephemerals come in the order of a hash table.
const names: Read = (reader) => JSON.stringify(reader.vector((r) => r.string() ?? '')?.sort() ?? null)
const acls: Read = (reader) => `acl[${describeAcl(inExplainedOrder(reader.vector(readAcl) ?? []))}]`
const clients: Read = (reader) =>
  `[${reader
    .vector((r) => `${r.string()}:${r.string()}`)
    ?.sort()
    .join(' ')}]`

const both =
  (first: Read, second: Read): Read =>
  (reader, naming) =>
    `${first(reader, naming)} ${second(reader, naming)}`

const nothing: Read = () => ''
const int: Read = (reader) => String(reader.int())

/** The result bodies inside a multi, by result type. */
const MULTI_RESULTS = new Map<number, Read>([
  [Op.error, (reader) => errorName(reader.int())],
  [Op.create, text],
  [Op.create2, both(text, stat)],
  [Op.delete, nothing],
  [Op.setData, stat],
  [Op.check, nothing],
  [Op.getChildren, names],
  [Op.getData, both(data, stat)],
])

const multi: Read = (reader, naming) => {
  const results: string[] = []
  for (;;) {
    const type = reader.int()
    const done = reader.bool()
    const errno = reader.int()
    const header = `${type}/${errno}`
    if (done) return `${results.join('; ')}; end ${header}`
    const read = MULTI_RESULTS.get(type)
    if (read === undefined) throw new RangeError(`a result of type ${type}`)
    results.push(`${header} ${read(reader, naming)}`)
  }
}

const BODIES = new Map<number, Read>([
  [Op.create, text],
  [Op.create2, both(text, stat)],
  [Op.createContainer, both(text, stat)],
  [Op.createTtl, both(text, stat)],
  [Op.exists, stat],
  [Op.getData, both(data, stat)],
  [Op.setData, stat],
  [Op.getAcl, both(acls, stat)],
  [Op.setAcl, stat],
  [Op.getChildren, names],
  [Op.getChildren2, both(names, stat)],
  [Op.sync, text],
  [Op.multi, multi],
  [Op.multiRead, multi],
  [Op.reconfig, both(data, stat)],
  [Op.sasl, data],
  [Op.getEphemerals, names],
  [Op.getAllChildrenNumber, int],
  [Op.addWatch, int],
  [Op.whoAmI, clients],
])

/** A frame taken apart, in words. `zxid` and `isEvent` are for putting events in order. */
export interface Decoded {
  text: string
  zxid: bigint
  errno: number
  isEvent: boolean
}

/** Length of a reply without a body: the only kind that is asked for with the xid of events. */
const HEADER_BYTES = 16

/** Whether a frame from an established connection is an event, rather than a reply. */
export function isEventFrame(frame: Buffer): boolean {
  return frame.length > HEADER_BYTES && frame.readInt32BE(0) === -1
}

/**
 * Takes a frame from an established connection apart.
 *
 * @param op the opcode of the request that a reply would answer; `null` where none is awaited
 */
export function decodeFrame(frame: Buffer, op: number | null, naming: Naming): Decoded {
  if (frame.length < HEADER_BYTES)
    return { text: `a frame of ${frame.length} bytes: ${frame.toString('hex')}`, zxid: 0n, errno: 0, isEvent: false }
  const reader = new ByteReader(frame)
  const xid = reader.int()
  const zxid = reader.long()
  const errno = reader.int()
  const isEvent = isEventFrame(frame)
  const head = `${isEvent ? 'event' : `reply xid ${xid}`} ${naming.zxid(zxid)} ${errorName(errno)}`
  naming.seen(zxid)
  const body = isEvent ? event(reader) : errno === 0 && op !== null ? replyBody(frame, reader, op, naming) : ''
  const rest = bodyIsExplained(op, errno) ? Buffer.alloc(0) : reader.rest()
  const extra = rest.length === 0 ? '' : ` + ${rest.length} bytes ${rest.toString('hex', 0, 64)}`
  return { text: `${head} ${body}${extra}`.trimEnd(), zxid, errno, isEvent }
}

function event(reader: ByteReader): string {
  return `type ${reader.int()} state ${reader.int()} ${JSON.stringify(reader.string())}`
}

function replyBody(frame: Buffer, reader: ByteReader, op: number, naming: Naming): string {
  try {
    return BODIES.get(op)?.(reader, naming) ?? ''
  } catch (error) {
    reader.rest()
    return `undecodable (${error instanceof Error ? error.message : error}): ${frame.toString('hex', 16, 256)}`
  }
}
