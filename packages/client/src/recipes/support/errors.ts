import { ZooKeeperError } from '@vivarium/protocol'

const REASONS = {
  released: 'it was released',
  suspended: 'the connection to the servers is gone',
  'read-only': 'the server that it is connected to has lost touch with its ensemble',
  session: 'its session is over',
  deleted: 'its znode was deleted by someone else',
} as const

/** Why something is not surely held any more. */
export type LossReason = keyof typeof REASONS

/** What was held is not, or not surely: the reason of a holding's signal, and why its `guard` was refused. */
export class OwnershipLostError extends ZooKeeperError {
  override readonly name = 'OwnershipLostError'
  declare readonly code: 'OWNERSHIP_LOST'
  /** The znode that stood for it. */
  readonly path: string
  readonly reason: LossReason

  constructor(path: string, reason: LossReason) {
    super('OWNERSHIP_LOST', `${path} is not surely held any more: ${REASONS[reason]}`)
    this.path = path
    this.reason = reason
  }
}

/** What was waited for did not come within the `timeoutMs` that the caller gave. */
export class WaitTimeoutError extends ZooKeeperError {
  override readonly name = 'WaitTimeoutError'
  declare readonly code: 'WAIT_TIMEOUT'
  readonly path: string
  readonly timeoutMs: number

  constructor(path: string, timeoutMs: number) {
    super('WAIT_TIMEOUT', `${path}: not within ${timeoutMs} ms`)
    this.path = path
    this.timeoutMs = timeoutMs
  }
}
