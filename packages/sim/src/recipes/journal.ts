/** How what is held goes together with what others hold: of `lease`, so many may be held as the thing has. */
export type HoldKind = 'one' | 'read' | 'write' | 'lease'

/** A time for which a participant took something for its own. */
export interface Hold {
  readonly thing: string
  readonly kind: HoldKind
  readonly who: string
  readonly token: number
  readonly fromMs: number
  /** When it was told otherwise, gave it back, or was killed; null: never. */
  untilMs: number | null
  /** Its znode was deleted, and not by itself; and its session lived on. */
  robbed: boolean
}

/** A time in which nothing ran in a participant. */
export interface Pause {
  readonly who: string
  readonly fromMs: number
  readonly toMs: number
}

/** What came of a request that changes something: done, surely not done, or perhaps done. */
export type Outcome = 'done' | 'not done' | 'in doubt'

export interface Addition {
  readonly thing: string
  readonly who: string
  outcome: Outcome
  /** The sum that it was told. */
  after: number | null
}

export interface Put {
  readonly queue: string
  readonly item: string
  outcome: Outcome
}

export interface Take {
  readonly queue: string
  readonly who: string
  /** Null: it is not known which. */
  item: string | null
  outcome: Outcome
}

/** A time for which a participant waited at a barrier; null: it waits still. */
export interface Passage {
  readonly barrier: string
  readonly who: string
  readonly fromMs: number
  toMs: number | null
}

/** One member's way through a double barrier; null: not yet, or never. */
export interface Stay {
  readonly barrier: string
  /** How many have to come before any goes on. */
  readonly members: number
  readonly who: string
  readonly calledMs: number
  enteredMs: number | null
  leavingMs: number | null
  leftMs: number | null
  /** Its session has ended, or it was killed: others need not wait for it. */
  endedMs: number | null
}

/** An item that came out of a delay queue, by the clock of the machine where it did. */
export interface Delivery {
  readonly item: string
  readonly who: string
  readonly atMs: number
}

/** A time for which a barrier was surely closed. */
export interface Closure {
  readonly barrier: string
  readonly fromMs: number
  toMs: number | null
}

/** Someone asked for a timed lease, or gave it up. */
export interface LeaseCall {
  readonly lease: string
  readonly who: string
  readonly askedMs: number
  /** Null: it was not told what came of it. */
  toldMs: number | null
  /** What the clock of its machine showed then. */
  wallMs: number
  /** By that clock; null: it was not given to it. */
  untilMs: number | null
  outcome: Outcome
}

/** The holder of the lock that this znode stands for is to be asked for it, or has been told. */
export interface Revocation {
  readonly path: string
  readonly atMs: number
}

/** A look at a znode with a TTL that someone keeps. Times are by the servers' clocks. */
export interface Keep {
  readonly path: string
  readonly who: string
  /** Null: it was not there, or its child was not. */
  readonly czxid: number | null
  readonly createdMs: number
  readonly touchedMs: number
  readonly ttlMs: number
  /** No fault had been there for a while. */
  readonly isCalm: boolean
}

/** What a participant's copy of a part of the tree had at the end, as lines. */
export interface Copy {
  readonly of: string
  readonly who: string
  readonly had: readonly string[]
}

/** Events that clients were told, by path: who was told of its deletion, and how often of changes among its children. */
export interface Told {
  readonly deletions: ReadonlyMap<string, ReadonlySet<string>>
  readonly childChanges: ReadonlyMap<string, number>
}

/** All that a run of recipes has done and seen: what checkers judge. */
export interface Journal {
  readonly holds: readonly Hold[]
  readonly pauses: readonly Pause[]
  readonly additions: readonly Addition[]
  /** What counters had at the end. */
  readonly sums: ReadonlyMap<string, number>
  readonly puts: readonly Put[]
  readonly takes: readonly Take[]
  /** What queues had at the end. */
  readonly left: ReadonlyMap<string, readonly string[]>
  readonly passages: readonly Passage[]
  readonly closures: readonly Closure[]
  readonly stays: readonly Stay[]
  /** When items of delay queues are due. */
  readonly dueMs: ReadonlyMap<string, number>
  readonly deliveries: readonly Delivery[]
  readonly leaseCalls: readonly LeaseCall[]
  readonly revocationRequests: readonly Revocation[]
  readonly revocations: readonly (Revocation & { readonly who: string })[]
  readonly keeps: readonly Keep[]
  readonly copies: readonly Copy[]
  /** What copies are to have. */
  readonly there: ReadonlyMap<string, readonly string[]>
  readonly told: Told
  /** Directories in which nothing is to be at the end, and what was in them. */
  readonly leftovers: ReadonlyMap<string, readonly string[]>
  /** Nobody gave up waiting. */
  readonly isPatient: boolean
  /** How many leases things have. */
  readonly leases: ReadonlyMap<string, number>
  /** Who did not come to an end, or was not served. */
  readonly stalled: readonly string[]
  /** Exceptions that nobody expected. */
  readonly crashes: readonly string[]
}
