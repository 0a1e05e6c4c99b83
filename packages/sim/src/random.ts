import type { Random } from '@vivarium/env'

/**
 * A generator whose numbers follow from its seed alone (xoshiro128**). Forks have streams of their own, so that one
 * part of the simulation can draw more or fewer numbers without changing what another part draws.
 */
export class SeededRandom implements Random {
  readonly #state = new Uint32Array(4)

  constructor(seed: number, name = '') {
    // FNV-1a over the name and the seed, and then splitmix32 to fill the state.
    let hash = 0x811c9dc5
    for (const char of `${name}#${seed}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
    for (let i = 0; i < 4; i++) {
      hash = (hash + 0x9e3779b9) | 0
      let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
      this.#state[i] = mixed ^ (mixed >>> 16)
    }
  }

  uint32(): number {
    const state = this.#state
    const [a, b, c, d] = state as unknown as [number, number, number, number]
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const mixedC = c ^ a
    const mixedD = d ^ b
    state[1] = b ^ mixedC
    state[0] = a ^ mixedD
    state[2] = mixedC ^ (b << 9)
    state[3] = (mixedD << 11) | (mixedD >>> 21)
    return result >>> 0
  }

  /** From 0 to just below 1. */
  fraction(): number {
    return this.uint32() / 2 ** 32
  }

  /** An integer from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1))
  }

  /** A number from `low` to just below `high`. */
  between(low: number, high: number): number {
    return low + this.fraction() * (high - low)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)] as T
  }

  /** The same in some order. */
  shuffled<T>(list: readonly T[]): T[] {
    const rest = [...list]
    return list.map(() => rest.splice(this.int(0, rest.length - 1), 1)[0] as T)
  }

  /** One of the values, each as likely as its weight. */
  weighted<T>(choices: readonly (readonly [weight: number, value: T])[]): T {
    let at = this.fraction() * choices.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, value] of choices) {
      at -= weight
      if (at < 0) return value
    }
    return (choices.at(-1) as readonly [number, T])[1]
  }

  /** Another generator, whose stream follows from this one's next number and a name. */
  fork(name: string): SeededRandom {
    return new SeededRandom(this.uint32(), name)
  }
}
