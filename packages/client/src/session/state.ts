/**
 * How a client stands with its ensemble.
 *
 * - `connecting`: there is no session yet, or no new one after one was lost; requests wait
 * - `connected`: a server has the session
 * - `read-only`: connected to a server that has lost touch with its ensemble: it answers reads from what it knows
 * - `suspended`: the connection is gone and the session may live: whatever rests on it is in doubt. Requests wait
 * - `lost`: the session is gone, and with it its ephemeral znodes and locks. A moment: `connecting` or `closed` follows
 * - `closed`: for good
 */
export type State = 'connecting' | 'connected' | 'read-only' | 'suspended' | 'lost' | 'closed'

/** A change of state, as listeners are told. */
export interface StateChange {
  readonly state: State
  readonly previous: State
  /** Why, where it was not asked for. */
  readonly cause: Error | null
}
