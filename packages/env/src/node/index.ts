export { canonicalName } from './canonical-name.ts'
export { nodeClock } from './clock.ts'
export { nodeDisk } from './disk.ts'
export { fetchBytes } from './fetch-bytes.ts'
export { createNodeLog, type NodeLogOptions } from './log.ts'
export { NodeNetwork } from './network.ts'
export { lowerThreadPriority } from './priority.ts'
export { nodeRandom } from './random.ts'
export { nodeResolver } from './resolver.ts'
export { type TlsConnectOptions, TlsConnector } from './tls-connector.ts'
export { certifies, createTlsContext, type TlsContext, type TlsMaterial, type TlsProtocol } from './tls-context.ts'
export {
  type ClientAuth,
  presentedBy,
  type Revocation,
  TLS_HANDSHAKE,
  TlsNetwork,
  type TlsNetworkOptions,
  verifyError,
} from './tls-network.ts'
