import type { WatchEvent } from '@vivarium/core'
import { beginReply, endReply } from '@vivarium/core'
import { KeeperState, Writer } from '@vivarium/protocol'

const NOTIFICATION_XID = -1
const writer = new Writer(256)

/** The whole frame of a notification. Since 3.9 its header has the zxid of the change (ZOOKEEPER-4655). */
export function encodeWatchEvent(event: WatchEvent): Uint8Array {
  writer.clear()
  const start = beginReply(writer)
  writer.int(event.type)
  writer.int(KeeperState.SyncConnected)
  writer.string(event.path)
  endReply(writer, start, NOTIFICATION_XID, event.zxid, 0)
  return writer.finish()
}
