/**
 * What a leader of two voters has heard from an oracle outside the ensemble, which may let one of them go on without the
 * other (QuorumOracleMaj, ZOOKEEPER-3922). Its word counts for what there is to decide when it is heard, and is asked for
 * anew each time: it may be taken back.
 */
export class Oracle {
  /** The half tick in which it was asked; null: it is not being asked. */
  #asked: number | null = null
  #authorizes = false

  /** Whether it has said yes last, and no follower has been there since. */
  get authorizes(): boolean {
    return this.#authorizes
  }

  /** Returns whether the question has to be put: it is not under way already. */
  ask(halfTick: number): boolean {
    if (this.#asked !== null) return false
    this.#asked = halfTick
    return true
  }

  hear(authorizes: boolean): void {
    this.#asked = null
    this.#authorizes = authorizes
  }

  /** A follower is there: the leader does not depend on the oracle any more. */
  forget(): void {
    this.#authorizes = false
  }

  /** Whether it has been asked a tick ago or earlier and has not answered since. */
  isSilent(halfTick: number): boolean {
    return this.#asked !== null && halfTick - this.#asked >= 2
  }
}
