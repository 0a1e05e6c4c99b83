import { hexZxid } from './log-format.ts'

export interface LogDamage {
  readonly path: string
  /** Where in the file, in bytes. */
  readonly position: number
  /** The last transaction before the damage that is whole; 0 if there is none. */
  readonly zxidBefore: number
  /** What is wrong there. */
  readonly reason: string
}

/**
 * The transaction log is damaged where acknowledged transactions were: going on would serve data from which some are
 * missing. Nothing has been changed on the disk.
 */
export class CorruptLogError extends Error implements LogDamage {
  readonly code = 'CORRUPT_LOG'
  readonly path: string
  readonly position: number
  readonly zxidBefore: number
  readonly reason: string

  constructor({ path, position, zxidBefore, reason }: LogDamage, options?: ErrorOptions) {
    const zxid = `0x${hexZxid(zxidBefore)}`
    super(
      `${path} is damaged at byte ${position}, after transaction ${zxid}: ${reason}. ` +
        'If this server is a member of an ensemble, move its version-2 directories away and start it: it copies the ' +
        'data from the others. If it stands alone, restore a backup, or accept the loss of what was written after ' +
        `${zxid}: cut this file off at byte ${position} and move later log files away.`,
      options,
    )
    this.name = 'CorruptLogError'
    this.path = path
    this.position = position
    this.zxidBefore = zxidBefore
    this.reason = reason
  }
}
