import { EventType, Perm } from '@vivarium/protocol'
import type { ConnectionHistory, History, Message, Operation } from '../workloads/history.ts'
import { describe } from '../workloads/requests.ts'
import { type Change, mayDo, parentOf } from './model-tree.ts'
import { type Replay, replayOf } from './replay.ts'
import type { Checker } from './violation.ts'

interface Event {
  readonly type: number
  readonly path: string
  readonly zxid: number
}

/**
 * What each connection is told is exactly what its watches call for: a one-shot watch fires once, a persistent one at
 * every change, in the order of the changes, and before any answer from which the change can be seen.
 */
export const watches: Checker = {
  name: 'watches',
  check: (history) => {
    const replayed = replayOf(history)
    return history.connections.flatMap((connection) => new WatchedConnection(connection, history, replayed).check())
  },
}

/** One connection's watches, followed message by message. */
class WatchedConnection {
  readonly #connection: ConnectionHistory
  readonly #replay: Replay
  readonly #lastZxid: number
  /** Of all transactions, in order. */
  readonly #zxids: readonly number[]
  /** How many of them have been looked at. */
  #seen = -1
  readonly #data = new Set<string>()
  readonly #children = new Set<string>()
  readonly #persistent = new Set<string>()
  readonly #recursive = new Set<string>()
  /** Events that are due and have not come. */
  #due: Event[] = []

  constructor(connection: ConnectionHistory, { transactions }: History, replay: Replay) {
    this.#connection = connection
    this.#replay = replay
    this.#zxids = transactions.map(({ zxid }) => zxid)
    this.#lastZxid = transactions.at(-1)?.zxid ?? 0
  }

  /** The first thing that is wrong; what follows from it tells nothing new. */
  check(): string[] {
    const { client, id, messages } = this.#connection
    const caughtUp = this.#missedEvents(messages)
    for (const message of messages) {
      const wrong = message.kind === 'event' ? this.#event(message, caughtUp) : this.#answer(message)
      if (wrong !== null) return [`${client} on connection ${id}: ${wrong}`]
    }
    return []
  }

  /** Events with zxid −1, which come before the answer to setWatches. */
  #missedEvents(messages: readonly Message[]): Event[] {
    const answer = messages.find((one) => one.kind === 'answer' && one.operation?.request.kind === 'setWatches')
    if (answer === undefined || answer.kind !== 'answer' || answer.operation === null) return []
    const events = this.#replay.catchUps.get(answer.operation.id)?.events ?? []
    return events.map(({ type, path }) => ({ type, path, zxid: -1 }))
  }

  #event({ type, path, zxid }: Event, caughtUp: Event[]): string | null {
    if (zxid >= 0) this.#advance(zxid)
    // Who has not been answered its setWatches cannot say what it was to be told.
    const expected = zxid < 0 ? caughtUp.shift() : this.#nextDue({ type, path, zxid })
    if (zxid < 0 && expected === undefined && !this.#hasSetWatchesAnswer()) return null
    if (expected !== undefined && expected.type === type && expected.path === path && expected.zxid === zxid)
      return null
    return `event ${describe({ type, path, zxid })} came where ${expected === undefined ? 'none' : describe(expected)} was due`
  }

  /** Takes the event that has to come next; of several that may come in any order, the one that did. */
  #nextDue(event: Event): Event | undefined {
    const due = this.#due
    if (due[0]?.zxid !== event.zxid || !this.#replay.unordered.has(event.zxid)) return due.shift()
    const same = due.findIndex(
      ({ type, path, zxid }) => type === event.type && path === event.path && zxid === event.zxid,
    )
    return due.splice(Math.max(same, 0), 1)[0]
  }

  #hasSetWatchesAnswer(): boolean {
    return this.#connection.messages.some(
      (one) => one.kind === 'answer' && one.operation?.request.kind === 'setWatches',
    )
  }

  #answer({ xid, zxid, operation }: Extract<Message, { kind: 'answer' }>): string | null {
    this.#advance(zxid)
    const [missing] = this.#due
    if (missing !== undefined)
      return `event ${describe(missing)} had not come when request ${xid} was answered from ${zxid}`
    if (operation !== null) this.#set(operation)
    return null
  }

  #set({ id, request, answer }: Operation): void {
    const err = answer?.result.err
    switch (request.kind) {
      case 'exists':
        if (request.watch && (err === 0 || err === -101)) this.#data.add(request.path)
        return
      case 'getData':
        if (request.watch && err === 0) this.#data.add(request.path)
        return
      case 'getChildren':
      case 'getChildren2':
        if (request.watch && err === 0) this.#children.add(request.path)
        return
      case 'addWatch':
        if (err === 0) (request.recursive ? this.#recursive : this.#persistent).add(request.path)
        return
      case 'setWatches': {
        const catchUp = this.#replay.catchUps.get(id)
        for (const path of catchUp?.data ?? []) this.#data.add(path)
        for (const path of catchUp?.children ?? []) this.#children.add(path)
        for (const path of request.watches.persistentWatches) this.#persistent.add(path)
        for (const path of request.watches.persistentRecursiveWatches) this.#recursive.add(path)
        return
      }
      default:
        return
    }
  }

  /** Finds what is due for the changes up to `zxid`. */
  #advance(zxid: number): void {
    const to = Math.min(zxid, this.#lastZxid)
    // Nothing is watched before the first answer.
    const quiet = this.#seen < 0
    if (quiet) this.#seen = 0
    for (let next = this.#zxids[this.#seen]; next !== undefined && next <= to; next = this.#zxids[this.#seen]) {
      this.#seen++
      if (!quiet) for (const change of this.#replay.changes.get(next) ?? []) this.#change(change, next)
    }
  }

  #change({ kind, path, acl, parentAcl }: Change, zxid: number): void {
    const parent = parentOf(path)
    const recursive = this.#watchesAbove(path)
    const data = this.#data.delete(path) || this.#persistent.has(path) || recursive
    if (kind === 'changed') {
      if (data) this.#tell(EventType.NodeDataChanged, path, zxid, acl)
      return
    }
    if (kind === 'created') {
      if (data) this.#tell(EventType.NodeCreated, path, zxid, acl)
    } else {
      // Who watches both the data and the children is told once.
      const children = this.#children.delete(path) || this.#persistent.has(path)
      if (data || children) this.#tell(EventType.NodeDeleted, path, zxid, acl)
    }
    const parentWatched = this.#children.delete(parent) || this.#persistent.has(parent)
    if (parentWatched) this.#tell(EventType.NodeChildrenChanged, parent, zxid, parentAcl)
  }

  #watchesAbove(path: string): boolean {
    for (let at = path; ; at = parentOf(at)) {
      if (this.#recursive.has(at)) return true
      if (at === '/') return false
    }
  }

  /** Who may not read the znode is not told, and the watch is used up all the same. */
  #tell(type: number, path: string, zxid: number, acl: Change['acl']): void {
    if (mayDo(acl, Perm.READ, this.#connection.identities)) this.#due.push({ type, path, zxid })
  }
}
