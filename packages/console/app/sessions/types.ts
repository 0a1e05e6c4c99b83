/** A session as the server that the console comes from has it. Times are milliseconds. */
export interface Session {
  readonly session: string
  readonly timeoutMs: number
  /** Null where the leader decides, and this server does not know. */
  readonly expiresAt: number | null
  /** Of the client, where it is connected to this server. */
  readonly address: string | null
  readonly secure: boolean
  readonly ephemerals: number
  readonly connection: {
    readonly establishedAt: number
    /** 0 before the first answer. */
    readonly answeredAt: number
    readonly received: number
    readonly sent: number
    readonly outstanding: number
    readonly lastOperation: string
    readonly averageLatencyMs: number
    readonly maxLatencyMs: number
  } | null
}

export interface SessionsAnswer {
  readonly now: number
  readonly total: number
  readonly sessions: readonly Session[]
  readonly next?: string
}

export interface SessionAnswer {
  readonly now: number
  readonly session: Session
  /** The first of them. */
  readonly ephemerals: readonly string[]
  readonly watches: readonly string[]
  readonly watchCount: number
}

export interface WatchersAnswer {
  readonly path: string
  readonly watchers: readonly {
    readonly session: string
    readonly address: string
    readonly kinds: readonly string[]
  }[]
}
