import type { ACL, ErrorCode } from '@vivarium/protocol'

/** What a read answers with: OK, and then its body stands in the reply. */
export type ReadResult = ErrorCode

export interface CreateRecord {
  readonly path: string
  readonly data: Uint8Array | null
  readonly acl: readonly ACL[]
  readonly ephemeral: boolean
  readonly parentCVersion: number
  readonly ttl: number
}

export interface DeleteRecord {
  readonly path: string
}

export interface SetDataRecord {
  readonly path: string
  readonly data: Uint8Array | null
  readonly version: number
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
