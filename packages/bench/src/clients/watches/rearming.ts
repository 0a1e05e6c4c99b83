import { channel } from 'node:diagnostics_channel'
import { ZooKeeper } from '@vivarium/client'
import { startServer } from '@vivarium/testing'
import type { ServerKind } from '../interop.ts'
import { createAll, eventsOf, inTurn } from './znodes.ts'

const ROOT = '/rearmed'

export interface RearmingOptions {
  readonly kind: ServerKind
  readonly watches: number
  readonly sessionTimeoutMs: number
}

export interface RearmingResult {
  readonly server: string
  readonly watches: number
  readonly sessionTimeoutMs: number
  /** Packets of setWatches that it took. */
  readonly packets: number
  /** From the moment the server took the session again until it had set the last watch, and told what they had missed. */
  readonly rearmedMs: number
  /** From the moment the connection was cut. */
  readonly sinceCutMs: number
  /** Changes while there was no connection that were told afterwards. */
  readonly missed: number
  /** Watches that were told of a change. Each should be, once. */
  readonly told: number
  readonly toldTwice: number
  readonly sameSession: boolean
}

/**
 * Watches very many znodes, one watch each, loses the connection, and looks how long it takes until all watches are set again.
 * A hundredth of the znodes change meanwhile, and all others afterwards: all watches have to tell, each once.
 */
export async function measureRearming({ kind, watches, sessionTimeoutMs }: RearmingOptions): Promise<RearmingResult> {
  await using server = await startServer({ kind, separate: true })
  await using other = await ZooKeeper.connect(server.address)
  await using zk = await ZooKeeper.connect(server.connectString, { sessionTimeoutMs })
  const paths = await createAll(other, ROOT, watches)
  const events = eventsOf(paths)
  await inTurn(zk, paths, (path) => zk.getData(path, { watcher: events.watcher }))
  const session = zk.session
  const reconnected = new Reconnection()
  const meanwhile = paths.slice(0, Math.ceil(watches / 100))

  server.link.refuse()
  const cutMs = performance.now()
  await inTurn(other, meanwhile, (path) => other.setData(path, 'missed'))
  server.link.heal()
  await zk.connected({ timeoutMs: sessionTimeoutMs })
  // Answered behind the last packet of watches.
  await zk.sync('/')
  const doneMs = performance.now()
  const missed = events.told
  await inTurn(other, paths.slice(meanwhile.length), (path) => other.setData(path, 'seen'))
  await events.all()
  return {
    server: kind.name,
    watches,
    sessionTimeoutMs,
    packets: reconnected.packets,
    rearmedMs: Math.round(doneMs - reconnected.atMs),
    sinceCutMs: Math.round(doneMs - cutMs),
    missed,
    told: events.told,
    toldTwice: events.toldTwice,
    sameSession: zk.session === session,
  }
}

/** When a server last took the session, and in how many packets watches were set again then. */
class Reconnection {
  atMs = 0
  packets = 0

  constructor() {
    channel('vivarium:client:session').subscribe(() => {
      this.atMs = performance.now()
    })
    channel('vivarium:client:rearm').subscribe((message) => {
      this.packets = (message as { packets: number }).packets
    })
  }
}
