export type { Audit, AuditRecord, AuditResult } from './audit-record.ts'
export { AuditedRequest } from './audited-request.ts'
