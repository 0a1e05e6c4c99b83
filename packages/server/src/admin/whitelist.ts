/** Which four-letter words are answered (FourLetterCommands.isEnabled). */
export class Whitelist {
  readonly #all: boolean
  readonly #words: ReadonlySet<string>

  /** `words` is the value of `4lw.commands.whitelist`; `*` in it stands for all. */
  constructor(words: readonly string[], readOnlyModeEnabled: boolean) {
    this.#all = words.includes('*')
    // Scripts ask srvr for a server's mode, and clients ask isro for one that they can write to.
    this.#words = new Set([...words, 'srvr', ...(readOnlyModeEnabled ? ['isro'] : [])])
  }

  allows(word: string): boolean {
    return this.#all || this.#words.has(word)
  }
}
