/** What the audit log says of one operation; null for what it does not have. */
export interface AuditRecord {
  /** Null for what no session has asked for. */
  readonly session: bigint | null
  /** Who asked: the names of its identities, separated by commas. */
  readonly user: string | null
  readonly ip: string | null
  readonly operation: string
  readonly znode: string | null
  /** Of a znode that was created: `persistent`, `ephemeral_sequential` … */
  readonly znodeType: string | null
  /** The list that was set: `world:anyone:cdrwa`, one behind the other. */
  readonly acl: string | null
  readonly result: AuditResult
}

export type AuditResult = 'success' | 'failure' | 'invoked'

/** Takes what is to be written to the audit log. */
export interface Audit {
  write(record: AuditRecord): void
}
