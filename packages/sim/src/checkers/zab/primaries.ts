import { counterOf, epochOf, formatZxid, type Txn } from '@vivarium/protocol'
import { wholeEnd } from '../../run/committed-history.ts'
import { signatureOf } from '../../world/zab-trace.ts'
import type { Checker } from '../violation.ts'
import type { Delivered } from './periods.ts'

/** Leadership1 and Leadership2: an epoch has one primary at most. */
export const leadership: Checker = {
  name: 'zab: leadership',
  check: ({ zab }) => {
    const primaries = new Map<number, number>()
    return zab.flatMap((event) => {
      if (event.kind !== 'leads') return []
      const { server, epoch, ms } = event
      const other = primaries.get(epoch) ?? server
      primaries.set(epoch, other)
      return other === server ? [] : [`${ms.toFixed(1)} ms: ${server} leads epoch ${epoch}, which ${other} has led`]
    })
  },
}

/** Who broadcasts or delivers in an epoch has promised before, on its disk, to follow nobody of an earlier one. */
export const acceptance: Checker = {
  name: 'zab: acceptance',
  check: ({ zab }) =>
    zab.flatMap((event) => {
      if ((event.kind !== 'leads' && event.kind !== 'follows') || event.accepted >= event.epoch) return []
      const { kind, server, epoch, accepted, ms } = event
      return [
        `${ms.toFixed(1)} ms: ${server} ${kind} in epoch ${epoch}, and has written down that it accepts ${accepted}`,
      ]
    }),
}

/**
 * Integrity: what a server delivers has been broadcast by a primary before. The history that it begins with, too, which here
 * means that it has been committed by the end.
 */
export const integrity: Checker = {
  name: 'zab: integrity',
  check: ({ zab, transactions }) => {
    const committed = new Set(transactions.map(({ zxid }) => zxid))
    const broadcast = new Map<number, string>()
    return zab.flatMap((event) => {
      const { server, zxid } = event
      if (event.kind === 'broadcasts') broadcast.set(zxid, event.txn)
      else if (event.kind === 'delivers') {
        if (broadcast.get(zxid) !== event.txn) return [`${server} delivers ${formatZxid(zxid)}, which nobody broadcast`]
      } else if ('epoch' in event && counterOf(zxid) !== 0 && !committed.has(zxid)) {
        return [`${server} begins epoch ${event.epoch} with ${formatZxid(zxid)}, which is not committed`]
      }
      return []
    })
  },
}

/**
 * Primary integrity: before a primary broadcasts, it has delivered all that anybody ever delivers of the epochs before its
 * own.
 */
export const primaryIntegrity: Checker = {
  name: 'zab: primary integrity',
  check: ({ zab }) => {
    const delivered = zab.filter(({ kind }) => kind === 'delivers')
    return zab.flatMap((event) => {
      if (event.kind !== 'leads') return []
      const { server, epoch, zxid } = event
      const missing = delivered.find((one) => epochOf(one.zxid) < epoch && one.zxid > zxid)
      return missing === undefined
        ? []
        : [`${server} leads epoch ${epoch} without ${formatZxid(missing.zxid)}, which ${missing.server} delivers`]
    })
  },
}

/** Commit completeness: what anybody has delivered is, as it was, in the log of every primary that begins afterwards. */
export const commitCompleteness: Checker = {
  name: 'zab: commit completeness',
  check: ({ zab, logs }) => {
    const delivered: (Delivered & { readonly ms: number; readonly server: number })[] = []
    for (const event of zab) if (event.kind === 'delivers') delivered.push(event)
    return logs.flatMap((copy) => {
      const { epoch, server, ms } = copy
      if (epoch === null) return []
      const log = new Map(wholeEnd(copy).map((txn) => [txn.zxid, signatureOf(txn)]))
      const [first = Number.POSITIVE_INFINITY] = log.keys()
      const before = delivered.filter((one) => one.ms <= ms && epochOf(one.zxid) < epoch)
      const missing = before.find((one) => one.zxid >= first && log.get(one.zxid) !== one.txn)
      return missing === undefined
        ? []
        : [
            `${server} leads epoch ${epoch} and has another ${formatZxid(missing.zxid)} than ${missing.server} delivered`,
          ]
    })
  },
}

/** History consistency: logs that have the same transaction have the same before it. */
export const historyConsistency: Checker = {
  name: 'zab: history consistency',
  check: ({ logs, ensemble }) => {
    const before = new Map<string, { readonly zxid: number; readonly server: number }>()
    /** Most of a log is as it was when it was looked at last: what stood before a transaction then. */
    const seen = new Map<Txn, Txn>()
    const found = new Set<string>()
    for (const copy of ensemble ? logs : []) {
      const txns = wholeEnd(copy)
      for (let index = 1; index < txns.length; index++) {
        const [last, txn] = [txns[index - 1]!, txns[index]!]
        if (seen.get(txn) === last) continue
        seen.set(txn, last)
        const key = `${txn.zxid} ${signatureOf(txn)}`
        const other = before.get(key)
        if (other === undefined) before.set(key, { zxid: last.zxid, server: copy.server })
        else if (other.zxid !== last.zxid) {
          const [mine, theirs] = [formatZxid(last.zxid), formatZxid(other.zxid)]
          found.add(
            `before ${formatZxid(txn.zxid)} there is ${mine} in the log of ${copy.server}, ${theirs} in that of ${other.server}`,
          )
        }
      }
    }
    return [...found]
  },
}
