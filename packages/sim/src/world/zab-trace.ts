import type { Preparer } from '@vivarium/core'
import type { Txn } from '@vivarium/protocol'

/** What members of an ensemble do, in the words of Zab's specification. */
export type ZabEvent =
  /** A primary begins to broadcast, or a learner to deliver what is broadcast; each has a history up to `zxid` by then. */
  | {
      readonly kind: 'leads' | 'follows'
      readonly ms: number
      readonly server: number
      readonly epoch: number
      readonly zxid: number
      /** The epoch that it has written down that it accepts: it follows nobody of an earlier one any more. */
      readonly accepted: number
    }
  /** A primary proposes a transaction; a server applies one. */
  | {
      readonly kind: 'broadcasts' | 'delivers'
      readonly ms: number
      readonly server: number
      readonly zxid: number
      readonly txn: string
    }

/** What a transaction is told from others by, apart from its zxid. */
export function signatureOf({ clientId, cxid, type, time }: Txn): string {
  return `${clientId}:${cxid}:${type}:${time}`
}

/** Tells of everything that a primary makes a transaction of: it is broadcast at once. */
export function watchBroadcasts(preparer: Preparer, tell: (txn: Txn) => void): void {
  const told = <A extends unknown[], T extends Txn | undefined>(make: (...args: A) => T) => {
    return (...args: A): T => {
      const txn = make.apply(preparer, args)
      if (txn !== undefined) tell(txn)
      return txn
    }
  }
  preparer.prepare = told(preparer.prepare)
  preparer.createSession = told(preparer.createSession)
  preparer.closeSession = told(preparer.closeSession)
  preparer.deleteContainer = told(preparer.deleteContainer)
  preparer.refuse = told(preparer.refuse)
}
