/** One request of a script: its bytes are made when the script is, so that both servers are sent the same. */
export interface Request {
  readonly op: number
  readonly xid: number
  readonly body: Buffer
  /** The request in words, for people. */
  readonly note: string
  /**
   * Where set, the first eight bytes of the body are a zxid: the highest seen so far less this number. (zxids differ
   * between servers by what happened before the script began.)
   */
  readonly zxidBack?: number
}

/** Whose session a connection asks for, and how. */
export interface Attach {
  /** `null` for a new session; otherwise the slot whose latest session is wanted. */
  readonly sessionOf: number | null
  readonly password: 'right' | 'wrong' | 'short' | 'null'
  readonly timeoutMs: number
  /** The `lastZxidSeen` to claim, relative to the highest zxid seen; `null` for 0. */
  readonly zxidAhead: number | null
  readonly readOnly: boolean | undefined
  readonly protocolVersion: number
  /** Bytes cut off the end of the request, or, negative, bytes added to it. */
  readonly cut: number
}

/**
 * One step of a script. Slots are connections by number; a slot without a connection gets a new session when a step needs
 * one, so any part of a script is a script.
 */
export type Step =
  /**
   * Requests sent in one write, then all their replies awaited. After them the connection goes on, has `ended`, or
   * `perhaps` has: then that is found out.
   */
  | {
      readonly kind: 'requests'
      readonly slot: number
      readonly requests: readonly Request[]
      readonly after: 'goes on' | 'perhaps' | 'ended'
    }
  /** The slot's connection is dropped, if it has one, and another is made. */
  | { readonly kind: 'attach'; readonly slot: number; readonly attach: Attach }
  | { readonly kind: 'drop'; readonly slot: number }
  /** Bytes as they are, on the slot's connection or (`fresh`) as the first of a new one; a reply or the end is awaited. */
  | {
      readonly kind: 'bytes'
      readonly slot: number
      readonly fresh: boolean
      readonly bytes: Buffer
      readonly note: string
    }

export const PLAIN_ATTACH: Attach = {
  sessionOf: null,
  password: 'right',
  timeoutMs: 400_000,
  zxidAhead: null,
  readOnly: false,
  protocolVersion: 0,
  cut: 0,
}

/** How many requests (or other things a server answers) a step holds. */
export function requestCount(step: Step): number {
  return step.kind === 'requests' ? step.requests.length : 1
}

/** A step as a person reads it. */
export function describeStep(step: Step): string {
  if (step.kind === 'requests') {
    return step.requests.map((request) => `#${step.slot} xid ${request.xid} ${request.note}`).join('\n    then ')
  }
  if (step.kind === 'attach') return `#${step.slot} connect ${JSON.stringify(step.attach)}`
  if (step.kind === 'drop') return `#${step.slot} drop the connection`
  return `#${step.slot} ${step.fresh ? 'on a new connection ' : ''}bytes ${step.note}`
}
