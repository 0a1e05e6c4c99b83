import type { ACL, ErrorCode } from '@vivarium/protocol'
import type { KnownNode } from '../tree/index.ts'

/** What a read answers with: OK, and then its body stands in the reply. */
export type ReadResult = ErrorCode

export interface CreateRecord {
  readonly path: string
  readonly data: Uint8Array | null
  readonly acl: readonly ACL[]
  readonly ephemeral: boolean
  readonly parentCVersion: number
  readonly ttl: number
  /** Like {@link SetDataRecord.node}. */
  readonly known: KnownNode
}

export interface DeleteRecord {
  readonly path: string
}

export interface SetDataRecord {
  readonly path: string
  readonly data: Uint8Array | null
  readonly version: number
  /**
   * The znode's number in the tree when this is applied, where that is certain, and otherwise NONE; and the CRC-32 of its
   * path and data. They save finding and computing them again; the log and other servers never see them.
   */
  readonly node: number
  readonly prefixCrc: number
}

export interface SetAclRecord {
  readonly path: string
  readonly acl: readonly ACL[]
  readonly version: number
}

export interface CheckRecord {
  readonly path: string
  readonly version: number
}
