/**
 * Bytes that are not the record they are claimed to be. Peers send such bytes at will, so creating one is cheap: it
 * captures no stack trace.
 *
 * @example
 * try { request = Operation.create.request.read(reader) } catch (error) {
 *   if (!(error instanceof JuteError)) throw error
 *   return 'MARSHALLINGERROR'
 * }
 */
export class JuteError extends Error {
  override readonly name = 'JuteError'
  /** The bytes ended too early, where Java throws an EOFException; otherwise what is there is wrong. */
  readonly truncated: boolean

  constructor(message: string, truncated = false) {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = limit
    this.truncated = truncated
  }
}
