import type { QuorumConfig } from '../../dist/quorum/index.js'
import type { LoggedTxn } from '../../dist/zab/index.js'
import type { Random } from './random.ts'

export interface Snapshot {
  readonly zxid: number
  readonly txns: readonly LoggedTxn[]
}

export type DiskOperation =
  | { readonly type: 'acceptedEpoch'; readonly epoch: number }
  | { readonly type: 'currentEpoch'; readonly epoch: number }
  | { readonly type: 'append'; readonly txn: LoggedTxn }
  | { readonly type: 'truncate'; readonly zxid: number }
  | { readonly type: 'install'; readonly snapshot: Snapshot }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }

/**
 * A server's files. What is written is there once its turn has come; a crash loses the rest. Log and snapshots are written
 * in order, and so are the files of the epochs, but not the ones with respect to the others.
 */
export class SimulatedDisk {
  acceptedEpoch = 0
  currentEpoch = 0
  config: QuorumConfig
  lastSeen: QuorumConfig
  snapshots: Snapshot[] = [{ zxid: 0, txns: [] }]
  log: LoggedTxn[] = []
  readonly #history: DiskOperation[] = []
  readonly #epochs: DiskOperation[] = []

  constructor(config: QuorumConfig) {
    this.config = config
    this.lastSeen = config
  }

  get isBusy(): boolean {
    return this.#history.length > 0 || this.#epochs.length > 0
  }

  /** What comes next in log and snapshots. */
  get next(): DiskOperation | undefined {
    return this.#history[0]
  }

  write(operation: DiskOperation): void {
    const isEpoch = operation.type === 'acceptedEpoch' || operation.type === 'currentEpoch'
    if (isEpoch) this.#epochs.push(operation)
    else this.#history.push(operation)
  }

  /** Loses what is not there yet, but for some of it. */
  crash(random: Random): void {
    for (let i = random.below(this.#history.length + 1); i > 0; i--) this.complete(false)
    for (let i = random.below(this.#epochs.length + 1); i > 0; i--) this.complete(true)
    this.#history.length = 0
    this.#epochs.length = 0
  }

  /** Carries out an operation: the oldest one on an epoch, or of the others. */
  complete(epoch: boolean): DiskOperation | undefined {
    const operation = (epoch ? this.#epochs : this.#history).shift()
    switch (operation?.type) {
      case 'acceptedEpoch':
        this.acceptedEpoch = operation.epoch
        break
      case 'currentEpoch':
        this.currentEpoch = operation.epoch
        break
      case 'append':
        this.log.push(operation.txn)
        break
      case 'truncate':
        if (!this.canTruncate(operation.zxid)) break
        this.log = this.log.filter(({ zxid }) => zxid <= operation.zxid)
        this.snapshots = this.snapshots.filter(({ zxid }) => zxid <= operation.zxid)
        break
      case 'install':
        this.log = []
        this.snapshots = [operation.snapshot]
        break
      case 'snapshot':
        this.snapshots.push(operation.snapshot)
        break
    }
    return operation
  }

  /** Whether there is a snapshot to begin from. */
  canTruncate(zxid: number): boolean {
    return this.snapshots.some((snapshot) => snapshot.zxid <= zxid)
  }

  /** What a restart comes back to: the newest snapshot, and what the log has beyond it. */
  recover(): Snapshot {
    const newest = this.snapshots.reduce((a, b) => (b.zxid >= a.zxid ? b : a))
    const txns = [...newest.txns]
    for (const txn of this.log) if (txn.zxid > newest.zxid) txns.push(txn)
    return { zxid: Math.max(newest.zxid, txns.at(-1)?.zxid ?? 0), txns }
  }

  /** What the log has from the last transaction that is not beyond `zxid` on; null if it does not reach back that far. */
  read(zxid: number): LoggedTxn[] | null {
    const from = this.log.findLastIndex((txn) => txn.zxid <= zxid)
    return from < 0 ? null : this.log.slice(from)
  }
}
