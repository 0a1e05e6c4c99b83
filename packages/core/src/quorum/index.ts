export { nextConfig, type ReconfigWish } from './next-config.ts'
export { type Hierarchy, parseQuorumConfig, QuorumConfig } from './quorum-config.ts'
export { formatServerLine, type Member, type MemberAddress, type MemberRole, parseServerLine } from './server-line.ts'
