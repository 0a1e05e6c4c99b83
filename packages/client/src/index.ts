export type { Clock, Log, Network, Random, Resolver } from '@vivarium/env'
export type { TlsConnectOptions } from '@vivarium/env/node'
export {
  type ACL,
  CREATOR_ALL_ACL,
  type CreateModeName,
  digestId,
  type ErrorKind,
  joinPath,
  KeeperError,
  type KeeperErrorCode,
  nameOf,
  OPEN_ACL_UNSAFE,
  type OperationName,
  Perm,
  parentOf,
  READ_ACL_UNSAFE,
  type Stat,
  type WatcherTypeName,
  ZooKeeperError,
  type Zxid,
} from '@vivarium/protocol'
export type { ClientEnv } from './client-env.ts'
export { unprotectedName } from './compound/create-protected.ts'
export type { EnsureOptions } from './compound/subtrees.ts'
export {
  ArgumentError,
  ClosedError,
  ConnectError,
  LimitError,
  MultiError,
  maybeApplied,
  RequestError,
  type RequestFate,
} from './errors.ts'
export type { Operations, ReconfigOptions, VersionOptions, WatchOptions } from './operations.ts'
export type { AuthInfo, ZooKeeperOptions } from './options.ts'
export { uuid } from './random.ts'
export type { CreateOptions, DataInput } from './requests/arguments.ts'
export { Op, type ReadOp, type ReadResults, type Results, type WriteOp } from './requests/multi.ts'
export type { CallOptions } from './requests/request.ts'
export type { AccessControl, Children, Created, Data, Identity } from './requests/results.ts'
export { type DigestMd5Options, digestMd5 } from './sasl/digest-md5.ts'
export { type GssapiOptions, gssapi, type KerberosExchange, type KerberosPackage } from './sasl/gssapi.ts'
export type { SaslContext, SaslExchange, SaslMechanism, SaslStep } from './sasl/sasl-mechanism.ts'
export type { Session } from './session/session.ts'
export type { State, StateChange } from './session/state.ts'
export type { NodeEvent, WatchEvent, Watcher, WatchLostEvent } from './watches/watch-event.ts'
export type { Resync, StreamEvent, WatchStream } from './watches/watch-stream.ts'
export { type CreateNodeOptions, type WaitOptions, type Watch, ZooKeeper } from './zookeeper.ts'
