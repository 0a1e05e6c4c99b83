import { type ACL, formatZxid, type MultiTxn, OpCode, opcodeName, type Txn, type TxnBody } from '@vivarium/protocol'
import { aclValue } from '../shell/format/acl.ts'
import { dataValue } from '../shell/format/data.ts'
import { zoneName } from '../shell/format/java-date.ts'

type Body = Pick<TxnBody, 'type' | 'record'>

const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`

/** A transaction in a line, as Java's `TxnLogToolkit` prints it; of a multi, what it consists of. */
export function txnText(txn: Txn): string {
  const cxid = (txn.cxid >>> 0).toString(16)
  const head = `${dateText(txn.time)} session ${hex(txn.clientId)} cxid 0x${cxid} zxid ${formatZxid(txn.zxid)}`
  return `${head} ${opcodeName(txn.type)} ${bodyText(txn as Body)}`
}

/** A short date and a long time of Java's `DateFormat` in the locale en_US: `11/21/26, 4:28:01 PM UTC`. */
function dateText(millis: number): string {
  const date = new Date(millis)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${date.getMonth() + 1}/${date.getDate()}/${two(date.getFullYear() % 100)}`
  const hours = date.getHours()
  const time = `${hours % 12 || 12}:${two(date.getMinutes())}:${two(date.getSeconds())} ${hours < 12 ? 'AM' : 'PM'}`
  return `${day}, ${time} ${zoneName(date)}`
}

const dataText = (data: Uint8Array | null): string => (data === null ? '' : Buffer.from(data).toString('utf8'))
/** Text as jute's CSV writes it. */
const csv = (text: string): string =>
  text.replace(/[\0\n\r,}%]/g, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
const aclEntry = ({ perms, id }: ACL): string => `${perms},s{'${csv(id.scheme ?? '')},'${csv(id.id ?? '')}}`
const aclList = (acl: readonly ACL[] | null): string =>
  acl === null ? 'null' : `[${acl.map((entry) => `${aclEntry(entry)}\n`).join(', ')}]`

function bodyText({ type, record }: Body): string {
  if (record === null) return ''
  const body = { type, record } as TxnBody
  switch (body.type) {
    case OpCode.create:
    case OpCode.create2: {
      const { path, data, acl, ephemeral, parentCVersion } = body.record
      return `${path},${dataText(data)},${aclList(acl)},${ephemeral},${parentCVersion}`
    }
    case OpCode.createTTL: {
      const { path, data, acl, parentCVersion, ttl } = body.record
      return `${path},${dataText(data)},${aclList(acl)},${parentCVersion},${ttl}`
    }
    case OpCode.createContainer: {
      const { path, data, acl, parentCVersion } = body.record
      return `${path},${dataText(data)},${aclList(acl)},${parentCVersion}`
    }
    case OpCode.setData:
    case OpCode.reconfig:
      return `${body.record.path},${dataText(body.record.data)},${body.record.version}`
    case OpCode.delete:
    case OpCode.deleteContainer:
      return `'${csv(body.record.path)}`
    case OpCode.setACL: {
      const { path, acl, version } = body.record
      return `'${csv(path)},v{${(acl ?? []).map((entry) => `s{${aclEntry(entry)}}`).join(',')}},${version}`
    }
    case OpCode.check:
      return `'${csv(body.record.path)},${body.record.version}`
    case OpCode.createSession:
      return String(body.record.timeOut)
    case OpCode.closeSession:
      return `v{${(body.record?.paths2Delete ?? []).map((path) => `'${csv(path)}`).join(',')}}`
    case OpCode.error:
      return String(body.record.err)
    case OpCode.multi:
      return body.record.txns.map((each) => `${opcodeName(each.type)}:${bodyText(each)}`).join(';')
    default:
      return ''
  }
}

/** A transaction for programs. */
export function txnValue(txn: Txn): Record<string, unknown> {
  return {
    zxid: formatZxid(txn.zxid),
    time: new Date(txn.time).toISOString(),
    session: hex(txn.clientId),
    cxid: txn.cxid,
    type: opcodeName(txn.type),
    ...bodyValue(txn as Body),
  }
}

function bodyValue({ record }: Body): Record<string, unknown> {
  if (record === null) return {}
  if ('txns' in record) {
    return { txns: (record as MultiTxn).txns.map((each) => ({ type: opcodeName(each.type), ...bodyValue(each) })) }
  }
  const value: Record<string, unknown> = { ...record }
  if ('data' in record) {
    const { data } = record
    delete value.data
    Object.assign(value, dataValue({ data: Buffer.from(data ?? []), isNull: data === null }))
  }
  if ('acl' in record) value.acl = record.acl === null ? null : aclValue(record.acl)
  return value
}

/** The paths that a transaction is about. */
export function txnPaths({ record }: Pick<Txn, 'record'>): string[] {
  if (record === null) return []
  if ('txns' in record) return record.txns.flatMap((each) => txnPaths(each))
  if ('paths2Delete' in record) return (record.paths2Delete ?? []).map(String)
  return 'path' in record ? [record.path] : []
}
