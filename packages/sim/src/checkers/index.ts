import { conduct } from './conduct.ts'
import { digests } from './digests.ts'
import { durable } from './durable.ts'
import { ephemerals } from './ephemerals.ts'
import { errors } from './errors.ts'
import { linearizable } from './linearizable.ts'
import { localSessions } from './local-sessions.ts'
import { multi } from './multi.ts'
import { oneHistory } from './one-history.ts'
import { oneLeader } from './one-leader.ts'
import { progress } from './progress.ts'
import { readOnly } from './read-only.ts'
import { sequences } from './sequences.ts'
import { sessionOrder } from './session-order.ts'
import type { Checker } from './violation.ts'
import { watches } from './watches.ts'
import { ZAB_CHECKERS } from './zab/index.ts'

export { type Checker, checkAll, type Violation } from './violation.ts'

/** Everything that is promised. */
export const CHECKERS: readonly Checker[] = [
  conduct,
  durable,
  linearizable,
  sessionOrder,
  errors,
  multi,
  watches,
  ephemerals,
  localSessions,
  readOnly,
  sequences,
  digests,
  oneHistory,
  oneLeader,
  progress,
  ...ZAB_CHECKERS,
]
