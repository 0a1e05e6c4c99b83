import { KeeperOp } from '@vivarium/protocol'
import { Route } from '../pipeline/route.ts'

/** ClickHouse Keeper's operations, where a server has them. */
export interface KeeperExtensions {
  /** Whether those that write are there, too: their transactions take a leader that knows them. */
  readonly writes: boolean
  /** A transaction may be so long, in bytes: other servers refuse longer ones. */
  readonly maxTxnBytes: number
}

/** The {@link Route} of an operation of ClickHouse Keeper's that comes by itself; `REFUSE` for any other. */
export function keeperRouteOf(opcode: number): number {
  switch (opcode) {
    case KeeperOp.filteredList:
    case KeeperOp.listWithStatsAndData:
    case KeeperOp.listRecursive:
    case KeeperOp.checkNotExists:
    case KeeperOp.checkStat:
      return Route.READ
    case KeeperOp.createIfNotExists:
    case KeeperOp.removeRecursive:
    case KeeperOp.tryRemove:
      return Route.WRITE
    default:
      return Route.REFUSE
  }
}
