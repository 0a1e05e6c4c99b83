/** The data on the disk cannot be served as they are; the message says why and what helps. Nothing was changed. */
export class RecoveryError extends Error {
  readonly code = 'RECOVERY'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RecoveryError'
  }
}
