import { userInfo } from 'node:os'
import type { Audit, AuditRecord, AuditResult, Pipeline } from '@vivarium/core'
import type { Clock, Disk, File, Log } from '@vivarium/env'
import { auditFields, auditLine } from './audit-line.ts'

/** What a disk that takes nothing makes the server keep at most; what comes then is lost, and counted. */
const MOST_CHARACTERS = 16 << 20

/** What stands in front of a line in Apache's own configuration of its logging: `%d{ISO8601} %p %c{2}: `. */
const LOGGER = 'o.a.z.a.Slf4jAuditLogger'

const SESSION_END = 'ephemeralZNodeDeletionOnSessionCloseOrExpire'

export interface AuditLogOptions {
  /** Null: among the other messages of the server. */
  readonly path: string | null
  readonly format: 'text' | 'json'
  readonly disk: Disk
  readonly clock: Clock
  readonly log: Log
}

/** Writes down who changed what (ZKAuditProvider). Nobody waits for it: it is behind by what is being written. */
export class AuditLog implements Audit {
  readonly #options: AuditLogOptions
  readonly #file: File | null
  readonly #user = serverUser()
  #waiting: string[] = []
  #characters = 0
  #lost = 0
  #writing: Promise<void> | null = null
  #failed = false
  #closed = false

  private constructor(options: AuditLogOptions, file: File | null) {
    this.#options = options
    this.#file = file
  }

  /** Goes on at the end of the file, if there is one. Rejects with the system's error. */
  static async open(options: AuditLogOptions): Promise<AuditLog> {
    const { path, disk } = options
    if (path === null) return new AuditLog(options, null)
    const exists = (await disk.stat(path)) !== null
    return new AuditLog(options, await disk.open(path, exists ? 'update' : 'create'))
  }

  /** What the server does by itself. */
  writeOwn(operation: string, result: AuditResult, session: bigint | null = null, znode: string | null = null): void {
    this.write({ session, user: this.#user, ip: null, operation, znode, znodeType: null, acl: null, result })
  }

  write(record: AuditRecord): void {
    if (this.#closed) return
    const { format, log } = this.#options
    const level = record.result === 'failure' ? 'error' : 'info'
    if (this.#file === null) {
      log[level](`audit: ${auditLine(record)}`)
      return
    }
    if (this.#characters > MOST_CHARACTERS) {
      this.#lost++
      return
    }
    const time = new Date(this.#options.clock.wallMs()).toISOString()
    const line =
      format === 'json'
        ? `${JSON.stringify({ time, level, ...auditFields(record) })}\n`
        : `${time.replace('T', ' ').replace('.', ',').replace('Z', '')} ${level.toUpperCase()} ${LOGGER}: ${auditLine(record)}\n`
    this.#waiting.push(line)
    this.#characters += line.length
    this.#writing ??= this.#drain(this.#file)
  }

  /** Writes what is left; what comes after that is not written. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#writing
    await this.#file?.close()
  }

  async #drain(file: File): Promise<void> {
    // What a turn has to say is written at once.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const bytes = Buffer.from(this.#waiting.join(''))
      this.#waiting = []
      this.#characters = 0
      try {
        // At its end as it is now: somebody may have emptied it, to begin a new one.
        await file.writeAt(bytes, await file.size())
        this.#recovered()
      } catch (error) {
        this.#failed = true
        this.#options.log.error('The audit log cannot be written: what it should have had is lost.', { error })
      }
    }
    this.#writing = null
  }

  #recovered(): void {
    if (this.#lost > 0) this.#options.log.error(`The audit log lacks ${this.#lost} lines: the disk was too slow.`)
    if (this.#failed) this.#options.log.info('The audit log can be written again.')
    this.#lost = 0
    this.#failed = false
  }
}

/** Has what goes through a pipeline written down. */
export function auditPipeline(pipeline: Pipeline, audit: AuditLog): void {
  pipeline.audit = audit
  pipeline.database.audit = (session, path, removed) =>
    audit.writeOwn(SESSION_END, removed ? 'success' : 'failure', session, path)
}

/** A user id need not have a name. */
function serverUser(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
