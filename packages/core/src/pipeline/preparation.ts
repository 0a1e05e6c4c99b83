import type { ACL, ErrorCode } from '@vivarium/protocol'
import type { Identity } from '../auth/index.ts'
import type { ChangeRecord } from './change-record.ts'
import type { Outstanding } from './outstanding.ts'

/**
 * What an operation may look at while it is prepared: who asks, the zxid and time that it will have, and the tree as it
 * will be. There is one of these per {@link Preparer}, filled in anew for each request.
 */
export interface Preparation {
  readonly changes: Outstanding
  readonly zxid: number
  /** Milliseconds since the Unix epoch: what ctime or mtime becomes. */
  readonly time: number
  readonly sessionId: bigint
  /** True once the session's end has been decided: it can change nothing any more. */
  readonly sessionClosing: boolean
  /** False for a session that only the server of its client knows: ephemeral znodes need one that all know. */
  readonly ownsEphemerals: boolean
  readonly identities: readonly Identity[]
  /** Whether TTL znodes may be created (`extendedTypesEnabled`). */
  readonly extendedTypes: boolean
  /** Whether digests are kept, and so the CRC that they go on from is needed. */
  readonly keepsDigests: boolean
  /** Whether the session has one of the permissions `wanted` by this list. */
  allows(acl: readonly ACL[], wanted: number): boolean
  /** The list as it will be stored: duplicates dropped, `auth` entries expanded; or INVALIDACL. */
  fixupAcl(acl: readonly (ACL | null)[] | null): readonly ACL[] | ErrorCode
  /** QUOTAEXCEEDED if the change would pass a hard limit; looks at what is applied, not at what is outstanding. */
  checkQuota(
    path: string,
    before: ChangeRecord | null,
    data: Uint8Array | null,
    operation: 'create' | 'setData',
  ): ErrorCode
}
