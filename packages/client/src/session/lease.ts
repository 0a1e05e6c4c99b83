/**
 * For how long the session surely lives, and what has to be done for it: a pure machine over a monotonic clock.
 *
 * A server counts the session timeout from when it took a request in, which is not before the request left here. So the
 * session lives at least until one timeout after the *departure* of the last request that was answered. A client that
 * gives itself up at that moment does so before any server can have expired its session and given its ephemeral znodes'
 * place to another, as long as both clocks run equally fast, and the server lives to tell its leader. (Java's ClientCnxn
 * waits for 4/3 of the timeout after it last *heard* of a server.)
 *
 * What a follower has answered right before it died, the leader never hears of: it is told who was heard of in the answers to
 * its pings, two in a tick (Leader.lead, Learner.ping, LearnerHandler). So an answer is *settled* by another one of the same
 * server: to a request that left a quarter of the timeout after the first was there, by when there has been a ping, as a quarter
 * is half a tick at least where no session gets less than two (minSessionTimeout). That a session begins, or comes to another
 * server, the leader itself has said, and settled at once (Learner.validateSession, Leader.revalidateSession).
 */
export class Lease {
  timeoutMs = 0
  /** When the last request left that was answered since. */
  #provenMs = 0
  /** When the last request left whose answer is settled. */
  #settledMs = 0
  /** When the request left whose answer is settled next, and when that answer was there. */
  #unsettledMs = 0
  #unsettledSinceMs = 0
  #heardMs = 0
  #sent = 0
  #answered = 0
  /** One request at a time is timed: its number, and when it left. */
  #probe = 0
  #probeMs = 0
  /** When the ping left that is not answered yet; −1 without one. */
  #pingMs = -1

  /** A server gave the session to a connection; the request for it left at `askedMs`. */
  begin(askedMs: number, nowMs: number, timeoutMs: number): void {
    this.timeoutMs = timeoutMs
    this.#provenMs = Math.max(this.#provenMs, askedMs)
    this.#settledMs = askedMs
    this.#unsettledMs = askedMs
    this.#unsettledSinceMs = nowMs
    this.#heardMs = nowMs
    this.#sent = 0
    this.#answered = 0
    this.#probe = 0
    this.#pingMs = -1
  }

  /** Another session: what was proven of the last one proves nothing now. */
  reset(): void {
    this.#provenMs = 0
  }

  /** A request was encoded. */
  requested(): void {
    this.#sent++
  }

  /** What was encoded has left. */
  flushed(nowMs: number): void {
    if (this.#probe !== 0 || this.#sent === this.#answered) return
    this.#probe = this.#sent
    this.#probeMs = nowMs
  }

  pinged(nowMs: number): void {
    this.#pingMs = nowMs
  }

  heard(nowMs: number): void {
    this.#heardMs = nowMs
  }

  /** The next request was answered: replies come in the order of requests. */
  answered(): void {
    if (++this.#answered !== this.#probe) return
    this.#prove(this.#probeMs)
    this.#probe = 0
  }

  pingAnswered(): void {
    if (this.#pingMs === -1) return
    this.#prove(this.#pingMs)
    this.#pingMs = -1
  }

  /** A request that left at `leftMs` was answered by what was heard last. */
  #prove(leftMs: number): void {
    this.#provenMs = Math.max(this.#provenMs, leftMs)
    if (leftMs < this.#settlesMs) return
    this.#settledMs = this.#unsettledMs
    this.#unsettledMs = leftMs
    this.#unsettledSinceMs = this.#heardMs
  }

  /** What leaves from then on settles the answer before. */
  get #settlesMs(): number {
    return this.#unsettledSinceMs + this.timeoutMs / 4
  }

  /** The session is to be taken for lost, unless a connection has it. */
  get endsMs(): number {
    return this.#provenMs + this.timeoutMs
  }

  /** Until then no server gives the session up, whatever became of the one that answered last. */
  get sureMs(): number {
    return this.#settledMs + this.timeoutMs
  }

  /** A server that has said nothing until then is to be left: there is a third of the timeout to find another. */
  get silentMs(): number {
    return this.#heardMs + (this.timeoutMs * 2) / 3
  }

  /** A ping is due, whatever else is sent: it settles what was answered before. */
  get pingDueMs(): number {
    return this.#pingMs === -1 ? this.#settlesMs : Number.POSITIVE_INFINITY
  }
}
