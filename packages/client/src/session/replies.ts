import { EventType, type Reader, WatcherEvent, Xid } from '@vivarium/protocol'
import type { Chroot } from '../chroot.ts'
import type { NodeEvent } from '../watches/watch-event.ts'
import { tell, type WatchTable } from '../watches/watch-table.ts'
import type { Credentials } from './credentials.ts'
import type { Lease } from './lease.ts'
import type { Pipeline } from './pipeline.ts'
import type { Rearming } from './rearming.ts'
import type { States } from './states.ts'

/** Those to whom what a server says is of interest. */
export interface Addressees {
  readonly pipeline: Pipeline
  readonly lease: Lease
  readonly credentials: Credentials
  readonly rearming: Rearming
  readonly watches: WatchTable
  readonly states: States
  readonly chroot: Chroot
}

/** Takes what a server says to the one who asked for it. */
export class Replies {
  readonly #to: Addressees

  constructor(to: Addressees) {
    this.#to = to
  }

  /**
   * Delivers one frame: what is wrong with it, or null. Throws JuteError for one that cannot be read.
   *
   * - `refused`: the server does not believe who we say that we are
   * - an error: the connection makes no sense any more
   */
  deliver(reader: Reader): 'refused' | Error | null {
    const { lease, credentials, rearming, pipeline } = this.#to
    const xid = reader.int()
    const zxid = reader.zxid()
    const errno = reader.int()
    if (xid === Xid.NOTIFICATION) this.#notify(reader, zxid)
    else if (xid === Xid.PING) lease.pingAnswered()
    else if (xid === Xid.SET_WATCHES) rearming.answered()
    else if (xid === Xid.AUTH) {
      if (errno !== 0) return 'refused'
      credentials.accepted()
    } else if (!pipeline.replied(xid, zxid, errno, reader)) {
      return new Error(`the server answered request ${xid}, which was not the next`)
    }
    return null
  }

  #notify(reader: Reader, zxid: number): void {
    const { type, path } = WatcherEvent.read(reader)
    const name = NODE_EVENTS.get(type)
    if (name === undefined || path === null) return
    const event = { type: name, path: this.#to.chroot.toClient(path), zxid }
    this.#to.states.publish('watch', () => event)
    for (const watcher of this.#to.watches.take(name, path)) tell(watcher, event)
  }
}

const NODE_EVENTS: ReadonlyMap<number, NodeEvent['type']> = new Map([
  [EventType.NodeCreated, 'NodeCreated'],
  [EventType.NodeDeleted, 'NodeDeleted'],
  [EventType.NodeDataChanged, 'NodeDataChanged'],
  [EventType.NodeChildrenChanged, 'NodeChildrenChanged'],
])
