import { counterOf, type Txn } from '@vivarium/protocol'
import type { History } from '../../workloads/history.ts'

/** A transaction as it was broadcast or delivered. */
export interface Delivered {
  readonly zxid: number
  readonly txn: string
}

/** What a server has delivered from when it began to lead or follow until it did so again. */
export interface Period {
  readonly server: number
  readonly epoch: number
  /** The last transaction of the history that it began with; 0 if there was none. */
  readonly from: number
  /** In the order of delivery. */
  readonly delivered: readonly Delivered[]
  /** The place of each in that order, by zxid. */
  readonly places: ReadonlyMap<number, number>
}

interface OpenPeriod extends Period {
  readonly delivered: Delivered[]
  readonly places: Map<number, number>
}

const known = new WeakMap<History, readonly Period[]>()

/** The periods of all servers, by when they began. */
export function periodsOf(history: History): readonly Period[] {
  let periods = known.get(history)
  if (periods === undefined) {
    periods = divide(history)
    known.set(history, periods)
  }
  return periods
}

function divide({ zab, transactions }: History): Period[] {
  const periods: Period[] = []
  const current = new Map<number, OpenPeriod>()
  for (const event of zab) {
    const { server } = event
    if (event.kind === 'leads' || event.kind === 'follows') {
      const from = lastUpTo(event.zxid, transactions)
      const period = { server, epoch: event.epoch, from, delivered: [], places: new Map<number, number>() }
      periods.push(period)
      current.set(server, period)
    } else if (event.kind === 'delivers') {
      const period = current.get(server)
      if (period === undefined) continue
      period.places.set(event.zxid, period.delivered.length)
      period.delivered.push(event)
    }
  }
  return periods
}

/** The transaction that a history up to `zxid` ends with: an epoch begins at a zxid of its own, which has none. */
export function lastUpTo(zxid: number, transactions: readonly Txn[]): number {
  return counterOf(zxid) === 0 ? (transactions.findLast((txn) => txn.zxid < zxid)?.zxid ?? 0) : zxid
}

/** Whether a server has delivered a transaction in a period, with the history that it began with or after that. */
export function hasDelivered({ from, places, delivered }: Period, { zxid, txn }: Delivered): boolean {
  if (zxid <= from) return true
  const place = places.get(zxid)
  return place !== undefined && delivered[place]?.txn === txn
}

/** Whether a server has delivered the first of two transactions before the second, which it has delivered in the period. */
export function hasDeliveredBefore({ from, places }: Period, first: Delivered, second: Delivered): boolean {
  if (first.zxid <= from) return true
  return (places.get(first.zxid) ?? Number.POSITIVE_INFINITY) < (places.get(second.zxid) as number)
}
