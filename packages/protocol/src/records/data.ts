/** The jute module org.apache.zookeeper.data, in its order and with its names. */
import { int, long, millis, string, vector, zxid } from '../jute/field-types.ts'
import { type RecordOf, record } from '../jute/record.ts'

export const Id = record({ scheme: string, id: string })
export type Id = RecordOf<typeof Id>

/** One entry of an access control list; `perms` are bits of `Perm`. */
export const ACL = record({ perms: int, id: Id })
export type ACL = RecordOf<typeof ACL>

/** What requests, transactions and snapshots have for the list of a znode. */
export const AclList = vector(ACL)

/** What a client is told of a znode: 68 bytes. */
export const Stat = record({
  czxid: zxid,
  mzxid: zxid,
  ctime: millis,
  mtime: millis,
  version: int,
  cversion: int,
  aversion: int,
  ephemeralOwner: long,
  dataLength: int,
  numChildren: int,
  pzxid: zxid,
})
export type Stat = RecordOf<typeof Stat>

/** What a snapshot has of a znode. The top byte of `ephemeralOwner` may mark a container or a TTL znode. */
export const StatPersisted = record({
  czxid: zxid,
  mzxid: zxid,
  ctime: millis,
  mtime: millis,
  version: int,
  cversion: int,
  aversion: int,
  ephemeralOwner: long,
  pzxid: zxid,
})
export type StatPersisted = RecordOf<typeof StatPersisted>

/** One identity of a connection, as whoAmI tells it. */
export const ClientInfo = record({ authScheme: string, user: string })
export type ClientInfo = RecordOf<typeof ClientInfo>
