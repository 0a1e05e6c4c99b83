/** The jute module org.apache.zookeeper.proto, with its names: what clients and servers say to each other. */
import { anyZxid, bool, buffer, int, long, millis, string, text, vector, zxid } from '../jute/field-types.ts'
import { type RecordOf, record } from '../jute/record.ts'
import { AclList, ClientInfo, Stat } from './data.ts'

/** Of which some may be null: the server decides what to do about those. */
const watchedPaths = vector(string)
const paths = vector(text)

/** The first message of a connection. `sessionId` 0 asks for a new session. Clients before 3.4 leave `readOnly` out. */
export const ConnectRequest = record({
  protocolVersion: int,
  lastZxidSeen: anyZxid,
  timeOut: int,
  sessionId: long,
  passwd: buffer,
  readOnly: bool,
})
export type ConnectRequest = RecordOf<typeof ConnectRequest>

/** The answer to a ConnectRequest; a `timeOut` of 0 says that the session has expired. */
export const ConnectResponse = record({
  protocolVersion: int,
  timeOut: int,
  sessionId: long,
  passwd: buffer,
  readOnly: bool,
})
export type ConnectResponse = RecordOf<typeof ConnectResponse>

export const SetWatches = record({
  relativeZxid: anyZxid,
  dataWatches: watchedPaths,
  existWatches: watchedPaths,
  childWatches: watchedPaths,
})
export type SetWatches = RecordOf<typeof SetWatches>

export const SetWatches2 = record({
  relativeZxid: anyZxid,
  dataWatches: watchedPaths,
  existWatches: watchedPaths,
  childWatches: watchedPaths,
  persistentWatches: watchedPaths,
  persistentRecursiveWatches: watchedPaths,
})
export type SetWatches2 = RecordOf<typeof SetWatches2>

export const RequestHeader = record({ xid: int, type: int })
export type RequestHeader = RecordOf<typeof RequestHeader>

/** Stands before each operation of a multi and each of its results; `done` after the last. */
export const MultiHeader = record({ type: int, done: bool, err: int })
export type MultiHeader = RecordOf<typeof MultiHeader>

export const AuthPacket = record({ type: int, scheme: string, auth: buffer })
export type AuthPacket = RecordOf<typeof AuthPacket>

export const ReplyHeader = record({ xid: int, zxid, err: int })
export type ReplyHeader = RecordOf<typeof ReplyHeader>

export const GetDataRequest = record({ path: text, watch: bool })
export type GetDataRequest = RecordOf<typeof GetDataRequest>

export const SetDataRequest = record({ path: text, data: buffer, version: int })
export type SetDataRequest = RecordOf<typeof SetDataRequest>

export const ReconfigRequest = record({
  joiningServers: string,
  leavingServers: string,
  newMembers: string,
  curConfigId: anyZxid,
})
export type ReconfigRequest = RecordOf<typeof ReconfigRequest>

export const SetDataResponse = record({ stat: Stat })
export type SetDataResponse = RecordOf<typeof SetDataResponse>

export const GetSASLRequest = record({ token: buffer })
export type GetSASLRequest = RecordOf<typeof GetSASLRequest>

export const SetSASLRequest = record({ token: buffer })
export type SetSASLRequest = RecordOf<typeof SetSASLRequest>

export const SetSASLResponse = record({ token: buffer })
export type SetSASLResponse = RecordOf<typeof SetSASLResponse>

export const CreateRequest = record({ path: text, data: buffer, acl: AclList, flags: int })
export type CreateRequest = RecordOf<typeof CreateRequest>

/** `ttl` in milliseconds. */
export const CreateTTLRequest = record({ path: text, data: buffer, acl: AclList, flags: int, ttl: millis })
export type CreateTTLRequest = RecordOf<typeof CreateTTLRequest>

export const DeleteRequest = record({ path: text, version: int })
export type DeleteRequest = RecordOf<typeof DeleteRequest>

export const GetChildrenRequest = record({ path: text, watch: bool })
export type GetChildrenRequest = RecordOf<typeof GetChildrenRequest>

export const GetAllChildrenNumberRequest = record({ path: text })
export type GetAllChildrenNumberRequest = RecordOf<typeof GetAllChildrenNumberRequest>

export const GetChildren2Request = record({ path: text, watch: bool })
export type GetChildren2Request = RecordOf<typeof GetChildren2Request>

export const CheckVersionRequest = record({ path: text, version: int })
export type CheckVersionRequest = RecordOf<typeof CheckVersionRequest>

/** In jute, and used by no operation. */
export const GetMaxChildrenRequest = record({ path: text })
export type GetMaxChildrenRequest = RecordOf<typeof GetMaxChildrenRequest>

/** In jute, and used by no operation. */
export const GetMaxChildrenResponse = record({ max: int })
export type GetMaxChildrenResponse = RecordOf<typeof GetMaxChildrenResponse>

/** In jute, and used by no operation. */
export const SetMaxChildrenRequest = record({ path: text, max: int })
export type SetMaxChildrenRequest = RecordOf<typeof SetMaxChildrenRequest>

/** The path is echoed and not looked up, so even null will do. */
export const SyncRequest = record({ path: string })
export type SyncRequest = RecordOf<typeof SyncRequest>

export const SyncResponse = record({ path: string })
export type SyncResponse = RecordOf<typeof SyncResponse>

export const GetACLRequest = record({ path: text })
export type GetACLRequest = RecordOf<typeof GetACLRequest>

export const SetACLRequest = record({ path: text, acl: AclList, version: int })
export type SetACLRequest = RecordOf<typeof SetACLRequest>

export const SetACLResponse = record({ stat: Stat })
export type SetACLResponse = RecordOf<typeof SetACLResponse>

/** `mode` is one of AddWatchMode. */
export const AddWatchRequest = record({ path: text, mode: int })
export type AddWatchRequest = RecordOf<typeof AddWatchRequest>

/** `type` is one of EventType, `state` one of KeeperState. */
export const WatcherEvent = record({ type: int, state: int, path: string })
export type WatcherEvent = RecordOf<typeof WatcherEvent>

export const ErrorResponse = record({ err: int })
export type ErrorResponse = RecordOf<typeof ErrorResponse>

export const CreateResponse = record({ path: text })
export type CreateResponse = RecordOf<typeof CreateResponse>

export const Create2Response = record({ path: text, stat: Stat })
export type Create2Response = RecordOf<typeof Create2Response>

export const ExistsRequest = record({ path: text, watch: bool })
export type ExistsRequest = RecordOf<typeof ExistsRequest>

export const ExistsResponse = record({ stat: Stat })
export type ExistsResponse = RecordOf<typeof ExistsResponse>

export const GetDataResponse = record({ data: buffer, stat: Stat })
export type GetDataResponse = RecordOf<typeof GetDataResponse>

export const GetChildrenResponse = record({ children: paths })
export type GetChildrenResponse = RecordOf<typeof GetChildrenResponse>

export const GetAllChildrenNumberResponse = record({ totalNumber: int })
export type GetAllChildrenNumberResponse = RecordOf<typeof GetAllChildrenNumberResponse>

export const GetChildren2Response = record({ children: paths, stat: Stat })
export type GetChildren2Response = RecordOf<typeof GetChildren2Response>

export const GetACLResponse = record({ acl: AclList, stat: Stat })
export type GetACLResponse = RecordOf<typeof GetACLResponse>

/** `type` is one of WatcherType. */
export const CheckWatchesRequest = record({ path: text, type: int })
export type CheckWatchesRequest = RecordOf<typeof CheckWatchesRequest>

/** `type` is one of WatcherType. */
export const RemoveWatchesRequest = record({ path: text, type: int })
export type RemoveWatchesRequest = RecordOf<typeof RemoveWatchesRequest>

/** A null prefix asks for all. */
export const GetEphemeralsRequest = record({ prefixPath: string })
export type GetEphemeralsRequest = RecordOf<typeof GetEphemeralsRequest>

export const GetEphemeralsResponse = record({ ephemerals: paths })
export type GetEphemeralsResponse = RecordOf<typeof GetEphemeralsResponse>

export const WhoAmIResponse = record({ clientInfo: vector(ClientInfo) })
export type WhoAmIResponse = RecordOf<typeof WhoAmIResponse>
/**
 * Not of the jute module but of org.apache.zookeeper.DeleteContainerRequest: what the server asks of itself to delete an
 * empty container or an old TTL znode.
 */
export const DeleteContainerRequest = record({ path: text })
export type DeleteContainerRequest = RecordOf<typeof DeleteContainerRequest>
