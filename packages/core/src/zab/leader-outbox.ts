import type { QuorumPacket } from '@vivarium/protocol'
import type { LeaderEffect } from './leader-messages.ts'
import type { LearnerLink } from './learner-link.ts'

/** A leader's links, and what it wants done. */
export class LeaderOutbox {
  readonly links = new Map<number, LearnerLink>()
  #effects: LeaderEffect[] = []

  push(effect: LeaderEffect): void {
    this.#effects.push(effect)
  }

  take(): LeaderEffect[] {
    const effects = this.#effects
    this.#effects = []
    return effects
  }

  send(link: LearnerLink, packet: QuorumPacket): void {
    this.#effects.push({ type: 'send', link: link.link, packet })
  }

  drop(link: LearnerLink, reason: string): void {
    this.links.delete(link.link)
    this.#effects.push({ type: 'drop', link: link.link, reason: `server ${link.sid} ${reason}` })
  }

  warn(text: string): void {
    this.#effects.push({ type: 'warn', text })
  }
}
