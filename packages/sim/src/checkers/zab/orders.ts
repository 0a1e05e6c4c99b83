import { epochOf, formatZxid } from '@vivarium/protocol'
import type { Checker } from '../violation.ts'
import { type Delivered, hasDelivered, hasDeliveredBefore, type Period, periodsOf } from './periods.ts'

const tell = ({ zxid }: Delivered): string => formatZxid(zxid)

/** Prefix consistency: what any two servers have delivered is the same as far as both have come. */
export const prefixConsistency: Checker = {
  name: 'zab: prefix consistency',
  check: (history) => {
    const next = new Map<number, Delivered & { readonly server: number }>()
    return periodsOf(history).flatMap(({ server, from, delivered }) =>
      delivered.flatMap(({ zxid, txn }, index) => {
        const last = index === 0 ? from : (delivered[index - 1] as Delivered).zxid
        const other = next.get(last)
        if (other === undefined) next.set(last, { server, zxid, txn })
        else if (other.zxid !== zxid || other.txn !== txn) {
          const before = formatZxid(last)
          return [`after ${before} ${server} delivers ${formatZxid(zxid)}, and ${other.server} another ${tell(other)}`]
        }
        return []
      }),
    )
  },
}

/** Agreement: of any two servers, one has delivered all that the other has. */
export const agreement: Checker = {
  name: 'zab: agreement',
  check: (history) => {
    const periods = periodsOf(history)
    return periods.flatMap((one, index) =>
      periods.slice(index + 1).flatMap((other) => {
        const [mine, theirs] = [missingFrom(other, one), missingFrom(one, other)]
        if (mine === undefined || theirs === undefined) return []
        return [`${one.server} delivers ${tell(mine)} and not ${tell(theirs)}, ${other.server} the other way round`]
      }),
    )
  },
}

/** The first that `one` has delivered and `other` has not. */
function missingFrom(other: Period, one: Period): Delivered | undefined {
  return one.delivered.find((txn) => !hasDelivered(other, txn))
}

/** Total order: who delivers one transaction before another delivers both in this order wherever it delivers the second. */
export const totalOrder: Checker = {
  name: 'zab: total order',
  check: (history) => {
    const periods = periodsOf(history)
    return periods.flatMap(({ server, delivered }) =>
      inPairs(delivered).flatMap(([first, second]) =>
        outOfOrder(periods, first, second).map(
          (other) => `${server} delivers ${tell(first)} before ${tell(second)}, and ${other} does not`,
        ),
      ),
    )
  },
}

/** Local primary order: what a primary broadcasts is delivered in its order. */
export const localPrimaryOrder: Checker = {
  name: 'zab: local primary order',
  check: (history) => {
    const broadcast = new Map<string, Delivered[]>()
    for (const event of history.zab) {
      if (event.kind !== 'broadcasts') continue
      const primary = `${event.server} in epoch ${epochOf(event.zxid)}`
      const list = broadcast.get(primary)
      if (list === undefined) broadcast.set(primary, [event])
      else list.push(event)
    }
    return [...broadcast].flatMap(([primary, txns]) =>
      inPairs(txns).flatMap(([first, second]) =>
        outOfOrder(periodsOf(history), first, second).map(
          (other) => `${primary} broadcasts ${tell(first)} before ${tell(second)}, and ${other} does not deliver so`,
        ),
      ),
    )
  },
}

/** Global primary order: transactions of an earlier epoch are delivered before those of a later one. */
export const globalPrimaryOrder: Checker = {
  name: 'zab: global primary order',
  check: (history) =>
    periodsOf(history).flatMap(({ server, from, delivered }) =>
      inPairs([{ zxid: from, txn: '' }, ...delivered]).flatMap(([first, second]) =>
        epochOf(first.zxid) <= epochOf(second.zxid) ? [] : [`${server} delivers ${tell(second)} after ${tell(first)}`],
      ),
    ),
}

function inPairs(list: readonly Delivered[]): [Delivered, Delivered][] {
  return list.slice(1).map((second, index) => [list[index] as Delivered, second])
}

/** The servers that deliver the second, and not the first before it. */
function outOfOrder(periods: readonly Period[], first: Delivered, second: Delivered): number[] {
  const delivers = (period: Period): boolean => {
    const place = period.places.get(second.zxid)
    return place !== undefined && period.delivered[place]?.txn === second.txn
  }
  return periods
    .filter((period) => delivers(period) && !hasDeliveredBefore(period, first, second))
    .map(({ server }) => server)
}
