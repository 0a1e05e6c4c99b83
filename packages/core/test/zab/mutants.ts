import { PacketType } from '@vivarium/protocol'
import { QuorumConfig } from '../../dist/quorum/index.js'
import { EpochAgreement } from '../../dist/zab/epoch-agreement.js'
import { AckSet, type LeaderEffect, type LearnerEffect, type LoggedTxn } from '../../dist/zab/index.js'
import { Proposals } from '../../dist/zab/proposals.js'
import type { DiskOperation } from './disk.ts'
import { type Connection, type EnsembleOptions, type Item, Shell } from './ensemble.ts'

/** A way to get Zab wrong, put on from outside. */
export interface Mutant {
  readonly name: string
  readonly options: Partial<EnsembleOptions>
  /** Changes a part of the machines for as long as the mutant runs; returns how to undo it. */
  readonly patch?: () => () => void
}

/** Replaces a method until the returned function is called. */
function replace<C, K extends keyof C>(prototype: C, name: K, replacement: (original: C[K]) => C[K]): () => void {
  const original = prototype[name]
  prototype[name] = replacement(original)
  return () => {
    prototype[name] = original
  }
}

class AcksBeforeSynced extends Shell {
  override write(operation: DiskOperation): void {
    super.write(operation)
    if (operation.type === 'append') this.stepLearner({ type: 'synced', zxid: operation.txn.zxid })
  }
}

class LeaderCountsItselfEarly extends Shell {
  override write(operation: DiskOperation): void {
    super.write(operation)
    if (operation.type === 'append') this.stepLeader({ type: 'synced', zxid: operation.txn.zxid })
  }
}

class AcksNewLeaderBeforeSynced extends Shell {
  override write(operation: DiskOperation): void {
    super.write(operation)
    if (operation.type !== 'append' || this.learner === null) return
    if (this.learner.phase === 'syncing') this.stepLearner({ type: 'synced', zxid: operation.txn.zxid })
  }
}

/** The crash that it takes is rare, so that it is helped along. */
class RecordsEpochBeforeHistory extends Shell {
  override receive(connection: Connection, item: Item): void {
    const isNewLeader = typeof item === 'object' && 'packet' in item && item.packet[3] === PacketType.NEWLEADER
    if (isNewLeader && this.connection === connection && this.learner !== null) {
      this.disk.currentEpoch = this.learner.epoch
      if (this.ensemble.random.chance(30)) return this.crash()
    }
    super.receive(connection, item)
  }
}

class ForgetsAcceptedEpoch extends Shell {
  override write(operation: DiskOperation): void {
    if (operation.type === 'acceptedEpoch' && this.learner !== null)
      this.stepLearner({ type: 'acceptedEpochPersisted' })
    else super.write(operation)
  }
}

class ForgetsCurrentEpoch extends Shell {
  override write(operation: DiskOperation): void {
    if (operation.type === 'currentEpoch' && this.learner !== null) this.stepLearner({ type: 'currentEpochPersisted' })
    else super.write(operation)
  }
}

class DoesNotTruncate extends Shell {
  override carryOutLearner(effect: LearnerEffect<number>): void {
    if (effect.type === 'truncate') this.stepLearner({ type: 'truncated', zxid: effect.zxid })
    else super.carryOutLearner(effect)
  }
}

class KeepsSnapshotsBeyond extends Shell {
  override follow(leader: number): void {
    this.takeSnapshot()
    super.follow(leader)
  }

  override completeWrite(epoch: boolean): void {
    const { snapshots } = this.disk
    const truncates = !epoch && this.disk.next?.type === 'truncate'
    super.completeWrite(epoch)
    if (truncates) this.disk.snapshots = snapshots
  }
}

class ForgetsItsTail extends Shell {
  override end(_tail: readonly LoggedTxn[], reload: boolean, lastZxid: number, next: number | null): void {
    super.end([], reload, lastZxid, next)
  }
}

class KeepsHalfATree extends Shell {
  override end(tail: readonly LoggedTxn[], _reload: boolean, lastZxid: number, next: number | null): void {
    super.end(tail, false, lastZxid, next)
  }
}

class SkipsOneInTheLog extends Shell {
  override write(operation: DiskOperation): void {
    const syncs = this.learner?.phase === 'syncing' || this.learner?.phase === 'restoring'
    if (operation.type === 'append' && syncs && this.ensemble.random.chance(20)) {
      this.stepLearner({ type: 'synced', zxid: operation.txn.zxid })
    } else super.write(operation)
  }
}

class CommitsOutOfOrder extends Shell {
  #held: LeaderEffect | null = null

  override carryOutLeader(effect: LeaderEffect): void {
    if (effect.type !== 'commit') return super.carryOutLeader(effect)
    const held = this.#held
    this.#held = null
    if (held === null && this.ensemble.random.chance(10)) {
      this.#held = effect
      return
    }
    super.carryOutLeader(effect)
    if (held !== null) super.carryOutLeader(held)
  }
}

/** Everybody is somebody here. */
class CountsObservers extends QuorumConfig {
  override containsQuorum(sids: Iterable<number>): boolean {
    return [...sids].length > this.voters.size / 2
  }
}

class ObserversAck extends Shell {
  override get isObserver(): boolean {
    return false
  }

  override lead(): void {
    const { config } = this.disk
    this.disk.config = this.disk.lastSeen = new CountsObservers([...config.members.values()], config.version)
    super.lead()
    this.disk.config = this.disk.lastSeen = config
  }
}

/** Takes the last transaction away from a DIFF: what is left has no hole that could be seen. */
function cutsDiff(items: Item[]): Item[] {
  const types = items.slice(0, 3).map((item) => (typeof item === 'object' && 'packet' in item ? item.packet[3] : 0))
  const { PROPOSAL, COMMIT, NEWLEADER } = PacketType
  return types[0] === PROPOSAL && types[1] === COMMIT && types[2] === NEWLEADER ? items.slice(2) : items
}

export const MUTANTS: readonly Mutant[] = [
  { name: 'a follower acknowledges a proposal before it is on disk', options: { shell: AcksBeforeSynced } },
  { name: 'a leader counts itself before a proposal is on its disk', options: { shell: LeaderCountsItselfEarly } },
  { name: 'NEWLEADER is acknowledged before its history is on disk', options: { shell: AcksNewLeaderBeforeSynced } },
  { name: 'the epoch is recorded before the history', options: { shell: RecordsEpochBeforeHistory } },
  { name: 'an accepted epoch is forgotten', options: { shell: ForgetsAcceptedEpoch } },
  { name: 'the current epoch is forgotten', options: { shell: ForgetsCurrentEpoch } },
  { name: 'TRUNC does not truncate', options: { shell: DoesNotTruncate } },
  { name: 'TRUNC leaves snapshots that are beyond', options: { shell: KeepsSnapshotsBeyond } },
  { name: 'what is logged and not committed is not applied in the end', options: { shell: ForgetsItsTail } },
  { name: 'a tree that was being replaced is kept', options: { shell: KeepsHalfATree } },
  { name: 'a follower leaves one transaction of a DIFF out of its log', options: { shell: SkipsOneInTheLog } },
  { name: 'a leader leaves the last transaction out of a DIFF', options: { transit: cutsDiff } },
  { name: 'commits overtake one another', options: { shell: CommitsOutOfOrder } },
  { name: 'acks of observers count', options: { shell: ObserversAck, observers: 2 } },
  {
    name: 'a reconfiguration needs a quorum of the new configuration only',
    options: { reconfigure: true },
    patch: () =>
      replace(
        AckSet.prototype,
        'hasQuorum',
        () =>
          function (this: AckSet) {
            return this.newest.containsQuorum(this.sids)
          },
      ),
  },
  {
    name: 'a follower that is ahead of its leader is led nevertheless',
    options: { oddElections: 50 },
    patch: () =>
      replace(
        EpochAgreement.prototype,
        'accept',
        (original) =>
          function (this: EpochAgreement, sid, follows, summary) {
            const currentEpoch = Math.min(summary.currentEpoch, 0)
            return original.call(this, sid, follows, { currentEpoch, lastZxid: 0 })
          },
      ),
  },
  {
    name: 'acks of a follower that has truncated still count',
    options: {},
    patch: () => replace(Proposals.prototype, 'withdraw', () => () => {}),
  },
]
