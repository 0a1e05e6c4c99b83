/** Something to say about a configuration. */
export interface ConfigMessage {
  /** With an `error` the server does not start. */
  readonly level: 'error' | 'warn' | 'info'
  readonly text: string
  /** Where it comes from: `/etc/zoo.cfg:12`, `-D`, `JVMFLAGS`; null when it is about the whole. */
  readonly place: string | null
}
