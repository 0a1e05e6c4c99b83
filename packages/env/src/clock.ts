/** A timer that was set by {@link Clock.after} or {@link Clock.every}. */
export interface Timer {
  /** Stops it. Safe to call twice, and after it has fired. */
  cancel(): void
}

/** Time. Decisions use only the monotonic clock; the wall clock is for what users see (`ctime`, `mtime`, logs). */
export interface Clock {
  /** Milliseconds since the Unix epoch, as an integer. */
  wallMs(): number
  /** Milliseconds since an arbitrary start; never goes back. May have a fraction. */
  monotonicMs(): number
  /** Calls `fire` once, `ms` milliseconds from now. */
  after(ms: number, fire: () => void): Timer
  /** Calls `fire` every `ms` milliseconds until cancelled. */
  every(ms: number, fire: () => void): Timer
  /** Calls `fire` once, after the I/O events of this turn have been handled. */
  soon(fire: () => void): void
}
