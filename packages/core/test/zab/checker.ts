import { counterOf, epochOf, formatZxid } from '@vivarium/protocol'
import type { QuorumConfig } from '../../dist/quorum/index.js'
import type { LoggedTxn } from '../../dist/zab/index.js'

/** What a claim looked at when it did not hold. */
export class Violation extends Error {
  readonly claim: string

  constructor(claim: string, detail: string) {
    super(`${claim}: ${detail}`)
    this.claim = claim
  }
}

/** What the checker may know of a server's disk. */
export interface DurableState {
  readonly sid: number
  readonly currentEpoch: number
  /** The state that a restart would come back to. */
  readonly txns: readonly LoggedTxn[]
}

const same = (a: LoggedTxn | undefined, b: LoggedTxn | undefined): boolean => a?.zxid === b?.zxid && a?.cxid === b?.cxid

const show = (txn: LoggedTxn | undefined): string =>
  txn === undefined ? 'nothing' : `${formatZxid(txn.zxid)} (${txn.cxid})`

/**
 * Watches an ensemble from outside and holds it to what Zab promises. It knows of the machines only what they do: which
 * transactions are committed where, and what is on whose disk at that moment.
 */
export class Checker {
  /** What is committed, in order. All that any server serves is a beginning of it. */
  readonly chosen: LoggedTxn[] = []
  readonly #proposed = new Map<number, LoggedTxn>()
  readonly #leaders = new Map<number, number>()
  #lastEpoch = 0
  /** What each server serves, as far as it was compared. */
  config: QuorumConfig

  constructor(config: QuorumConfig) {
    this.config = config
  }

  proposed(txn: LoggedTxn): void {
    if (this.#proposed.has(txn.zxid)) throw new Violation('zxids are not reused', show(txn))
    this.#proposed.set(txn.zxid, txn)
  }

  /** A leader begins to serve: all that is committed is in its history, the rest of which is committed by that. */
  leads(
    sid: number,
    epoch: number,
    history: readonly LoggedTxn[],
    disks: readonly DurableState[],
    config: QuorumConfig,
  ): void {
    const other = this.#leaders.get(epoch)
    if (other !== undefined) throw new Violation('epochs are not reused', `${sid} and ${other} both lead ${epoch}`)
    this.#leaders.set(epoch, sid)
    // One that was left behind may learn late that it has been established: it has nothing that others do not know.
    if (epoch < this.#lastEpoch) return this.serves(sid, history, 0)
    this.#lastEpoch = epoch
    for (const [i, txn] of this.chosen.entries()) {
      if (!same(history[i], txn))
        throw new Violation(
          'no acknowledged write is lost',
          `${sid} leads ${epoch} with ${show(history[i])}, not ${show(txn)}`,
        )
    }
    for (let i = this.chosen.length; i < history.length; i++) this.#choose(history[i]!)
    const having = disks.filter((disk) => disk.currentEpoch >= epoch && isBeginning(history, disk.txns))
    const sids = having.map((disk) => disk.sid)
    if (!this.config.containsQuorum(sids) || !config.containsQuorum(sids))
      throw new Violation('a quorum has the history', `${sid} leads ${epoch}, and ${sids} have it`)
    if (config.version > this.config.version) this.config = config
  }

  /** A leader commits what it has proposed. */
  committed(
    sid: number,
    history: readonly LoggedTxn[],
    disks: readonly DurableState[],
    config: QuorumConfig | null,
  ): void {
    const index = history.length - 1
    const txn = history[index]!
    if (index > this.chosen.length) throw new Violation('total order', `${sid} commits ${show(txn)} too early`)
    if (index < this.chosen.length) {
      if (!same(this.chosen[index], txn))
        throw new Violation('agreement', `${sid} commits ${show(txn)}, not ${show(this.chosen[index])}`)
      return
    }
    this.#choose(txn)
    const having = disks.filter((disk) => same(disk.txns[index], txn)).map((disk) => disk.sid)
    if (!this.config.containsQuorum(having))
      throw new Violation('a quorum has it on disk', `${show(txn)}: only ${having}`)
    if (config === null) return
    if (!config.containsQuorum(having))
      throw new Violation('so has a quorum of the new configuration', `${show(txn)}: only ${having}`)
    this.config = config
  }

  /** A server that serves has `history`, of which `from` on was not looked at yet. */
  serves(sid: number, history: readonly LoggedTxn[], from: number): void {
    for (let i = from; i < history.length; i++) {
      if (!same(this.chosen[i], history[i]))
        throw new Violation(
          'committed prefixes are equal',
          `${sid} has ${show(history[i])}, not ${show(this.chosen[i])}`,
        )
    }
  }

  /** What is on a disk has no hole in it. */
  recovers(sid: number, txns: readonly LoggedTxn[]): void {
    let last = 0
    for (const { zxid } of txns) {
      if (zxid !== last + 1 && !(epochOf(zxid) > epochOf(last) && counterOf(zxid) === 1))
        throw new Violation('histories have no holes', `${sid} has ${formatZxid(zxid)} after ${formatZxid(last)}`)
      last = zxid
    }
  }

  #choose(txn: LoggedTxn): void {
    const last = this.chosen.at(-1)?.zxid ?? 0
    if (txn.zxid <= last) throw new Violation('primary order', `${show(txn)} comes after ${formatZxid(last)}`)
    if (txn.zxid !== last + 1 && !(epochOf(txn.zxid) > epochOf(last) && counterOf(txn.zxid) === 1))
      throw new Violation('histories have no holes', `${show(txn)} is chosen after ${formatZxid(last)}`)
    if (!same(this.#proposed.get(txn.zxid), txn)) throw new Violation('integrity', `nobody has proposed ${show(txn)}`)
    this.chosen.push(txn)
  }
}

function isBeginning(a: readonly LoggedTxn[], b: readonly LoggedTxn[]): boolean {
  return a.length <= b.length && a.every((txn, i) => same(txn, b[i]))
}
