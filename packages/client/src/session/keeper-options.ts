import type { Chroot } from '../chroot.ts'
import type { ClientEnv } from '../client-env.ts'
import type { HostList } from '../hosts/host-list.ts'
import type { SaslMechanism } from '../sasl/sasl-mechanism.ts'

/** What the keeper of a client's sessions is told. */
export interface KeeperOptions {
  /** Says in diagnostics which client it is. */
  readonly name: string
  readonly env: ClientEnv
  readonly hosts: HostList
  readonly chroot: Chroot
  readonly sessionTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly maxRequestBytes: number
  readonly maxReplyBytes: number
  readonly canBeReadOnly: boolean
  /** Whether a session that was lost is followed by another. */
  readonly renewSession: boolean
  readonly sasl: SaslMechanism | null
  /** A session to go on with. */
  readonly resume: { readonly id: bigint; readonly password: Uint8Array } | null
}
