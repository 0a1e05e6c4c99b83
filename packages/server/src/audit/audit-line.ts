import { type AuditRecord, formatSessionId } from '@vivarium/core'

/** The fields in the order and by the names of Java (AuditEvent); those that there are not are left out. */
export function auditFields(record: AuditRecord): Record<string, string> {
  const { session, user, ip, operation, znode, znodeType, acl, result } = record
  const fields = {
    session: session === null ? null : formatSessionId(session),
    user,
    ip,
    operation,
    znode,
    znode_type: znodeType,
    acl,
    result,
  }
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, string] => field[1] !== null))
}

/**
 * `session=0x1…	user=127.0.0.1	…	result=success`, as Java has it, but that what would break out of its field is escaped:
 * names of users are what clients say that they are.
 */
export function auditLine(record: AuditRecord): string {
  const pairs = Object.entries(auditFields(record)).map(([name, value]) => `${name}=${escaped(value)}`)
  return pairs.join('\t')
}

function escaped(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
