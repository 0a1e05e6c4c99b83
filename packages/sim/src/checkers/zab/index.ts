import type { Checker } from '../violation.ts'
import { agreement, globalPrimaryOrder, localPrimaryOrder, prefixConsistency, totalOrder } from './orders.ts'
import {
  acceptance,
  commitCompleteness,
  historyConsistency,
  integrity,
  leadership,
  primaryIntegrity,
} from './primaries.ts'

/**
 * The invariants of Zab's specification in TLA+ (`zookeeper-specifications/protocol-spec` of Apache ZooKeeper), over what the
 * members of a simulated ensemble did.
 */
export const ZAB_CHECKERS: readonly Checker[] = [
  leadership,
  acceptance,
  integrity,
  agreement,
  prefixConsistency,
  totalOrder,
  localPrimaryOrder,
  globalPrimaryOrder,
  primaryIntegrity,
  commitCompleteness,
  historyConsistency,
]
