import type { RecordCodec } from './jute/record.ts'
import * as proto from './records/proto.ts'
import { CreateSessionTxn } from './records/txn.ts'

/** Opcodes (ZooDefs.OpCode). */
export const OpCode = {
  notification: 0,
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getACL: 6,
  setACL: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  deleteContainer: 20,
  createTTL: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  createSession: -10,
  closeSession: -11,
  error: -1,
} as const

export type OperationName = keyof typeof OpCode

/**
 * How a request travels.
 *
 * - `read`: answered by the server it came to, from its own tree, watches and connections
 * - `write`: becomes a transaction
 * - `sync`: goes to the leader and back, and becomes none
 * - `session`: about the session itself
 * - `auth`: about who the connection speaks for
 * - `internal`: never a request of its own
 */
export type OperationKind = 'read' | 'write' | 'sync' | 'session' | 'auth' | 'internal'

/** One operation; `request` and `response` are null where the body is empty, or is no single record, as a multi's. */
export interface Operation {
  readonly name: OperationName
  readonly opcode: number
  readonly kind: OperationKind
  readonly request: RecordCodec<unknown> | null
  readonly response: RecordCodec<unknown> | null
}

function operation<N extends OperationName, K extends OperationKind, Q, S>(
  name: N,
  kind: K,
  request: Q = null as Q,
  response: S = null as S,
) {
  return { name, opcode: OpCode[name], kind, request, response } as const
}

/**
 * Every operation by its name.
 *
 * @example
 * Operation.getData.request.write(writer, { path: '/a', watch: false })
 */
export const Operation = {
  notification: operation('notification', 'internal', null, proto.WatcherEvent),
  create: operation('create', 'write', proto.CreateRequest, proto.CreateResponse),
  delete: operation('delete', 'write', proto.DeleteRequest, null),
  exists: operation('exists', 'read', proto.ExistsRequest, proto.ExistsResponse),
  getData: operation('getData', 'read', proto.GetDataRequest, proto.GetDataResponse),
  setData: operation('setData', 'write', proto.SetDataRequest, proto.SetDataResponse),
  getACL: operation('getACL', 'read', proto.GetACLRequest, proto.GetACLResponse),
  setACL: operation('setACL', 'write', proto.SetACLRequest, proto.SetACLResponse),
  getChildren: operation('getChildren', 'read', proto.GetChildrenRequest, proto.GetChildrenResponse),
  sync: operation('sync', 'sync', proto.SyncRequest, proto.SyncResponse),
  ping: operation('ping', 'session', null, null),
  getChildren2: operation('getChildren2', 'read', proto.GetChildren2Request, proto.GetChildren2Response),
  /** Only ever a part of a multi. */
  check: operation('check', 'internal', proto.CheckVersionRequest, null),
  /** Operations and results, each behind a MultiHeader, with a last one that says `done`. */
  multi: operation('multi', 'write', null, null),
  create2: operation('create2', 'write', proto.CreateRequest, proto.Create2Response),
  /** Answered as getData is: with the new configuration. */
  reconfig: operation('reconfig', 'write', proto.ReconfigRequest, proto.GetDataResponse),
  checkWatches: operation('checkWatches', 'read', proto.CheckWatchesRequest, null),
  removeWatches: operation('removeWatches', 'read', proto.RemoveWatchesRequest, null),
  createContainer: operation('createContainer', 'write', proto.CreateRequest, proto.Create2Response),
  /** What the sweeper of containers and TTL znodes asks for; from a client it is to be refused. */
  deleteContainer: operation('deleteContainer', 'write', proto.DeleteContainerRequest, null),
  createTTL: operation('createTTL', 'write', proto.CreateTTLRequest, proto.Create2Response),
  /** As multi, with getData and getChildren. */
  multiRead: operation('multiRead', 'read', null, null),
  auth: operation('auth', 'auth', proto.AuthPacket, null),
  setWatches: operation('setWatches', 'read', proto.SetWatches, null),
  sasl: operation('sasl', 'auth', proto.GetSASLRequest, proto.SetSASLResponse),
  getEphemerals: operation('getEphemerals', 'read', proto.GetEphemeralsRequest, proto.GetEphemeralsResponse),
  getAllChildrenNumber: operation(
    'getAllChildrenNumber',
    'read',
    proto.GetAllChildrenNumberRequest,
    proto.GetAllChildrenNumberResponse,
  ),
  setWatches2: operation('setWatches2', 'read', proto.SetWatches2, null),
  addWatch: operation('addWatch', 'read', proto.AddWatchRequest, proto.ErrorResponse),
  whoAmI: operation('whoAmI', 'read', null, proto.WhoAmIResponse),
  /** Between servers. A client's session begins with a ConnectRequest. */
  createSession: operation('createSession', 'session', CreateSessionTxn, null),
  closeSession: operation('closeSession', 'session', null, null),
  /** The type of a failed transaction, and of a failed result in a multi. */
  error: operation('error', 'internal', null, proto.ErrorResponse),
} as const satisfies { [N in OperationName]: Operation & { readonly name: N } }

const byOpcode = new Map<number, Operation>(Object.values(Operation).map((operation) => [operation.opcode, operation]))

/** The operation with this opcode, if there is one. */
export function operationOf(opcode: number): Operation | undefined {
  return byOpcode.get(opcode)
}

/** The name of an opcode, for logs: `getData`, or `unknown 99`. */
export function opcodeName(opcode: number): string {
  return byOpcode.get(opcode)?.name ?? `unknown ${opcode}`
}
