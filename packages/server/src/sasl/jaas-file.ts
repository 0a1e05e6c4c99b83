/** One login module of a section. */
export interface JaasEntry {
  /** The class: `org.apache.zookeeper.server.auth.DigestLoginModule`. */
  readonly module: string
  readonly options: ReadonlyMap<string, string>
}

/** The sections of a JAAS file by their names. */
export type JaasFile = ReadonlyMap<string, readonly JaasEntry[]>

const FLAGS = /^(?:required|requisite|sufficient|optional)$/i

/** A comment, a text in quotes, a word, or a single character. */
const TOKENS = /\/\*[\s\S]*?(?:\*\/|$)|(?:\/\/|#)[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[^\s{};="'/#]+|\S/g

/**
 * Reads the format of `java.security.auth.login.config` (sun.security.provider.ConfigFile).
 *
 * @returns or a sentence about what is wrong
 * @example parseJaas('Server { org.example.DigestLoginModule required user_bob="secret"; };')
 */
export function parseJaas(text: string): JaasFile | string {
  const tokens = new Tokens(text)
  const sections = new Map<string, JaasEntry[]>()
  while (!tokens.atEnd) {
    const name = tokens.word()
    if (name === null || !tokens.skip('{')) return tokens.expected('a section: Name { …; };')
    if (sections.has(name)) return `the section ${name} stands there twice`
    const entries: JaasEntry[] = []
    while (!tokens.skip('}')) {
      const module = tokens.word()
      if (module === null || !FLAGS.test(tokens.word() ?? '')) return tokens.expected(`a login module in ${name}`)
      const options = new Map<string, string>()
      while (!tokens.skip(';')) {
        const option = tokens.word()
        if (option === null || !tokens.skip('=')) return tokens.expected(`an option, or a semicolon, in ${name}`)
        const value = tokens.word()
        if (value === null) return tokens.expected(`the value of ${option} in ${name}`)
        options.set(option, value)
      }
      entries.push({ module, options })
    }
    if (!tokens.skip(';')) return tokens.expected(`a semicolon behind ${name}`)
    sections.set(name, entries)
  }
  return sections
}

class Tokens {
  readonly #tokens: readonly { readonly text: string; readonly line: number }[]
  #next = 0

  constructor(text: string) {
    let line = 1
    let end = 0
    this.#tokens = Array.from(text.matchAll(TOKENS), (match) => {
      line += text.slice(end, match.index).split('\n').length - 1
      end = match.index
      return { text: match[0], line }
    }).filter((token) => !/^(?:\/\*|\/\/|#)/.test(token.text))
  }

  get atEnd(): boolean {
    return this.#next === this.#tokens.length
  }

  skip(character: string): boolean {
    if (this.#tokens[this.#next]?.text !== character) return false
    this.#next++
    return true
  }

  /** A word, or what stands in quotes; null if something else comes. */
  word(): string | null {
    const token = this.#tokens[this.#next]?.text
    if (token === undefined || /^[{};=]$/.test(token) || token === '"' || token === "'") return null
    this.#next++
    return /^["']/.test(token) ? unescaped(token.slice(1, -1)) : token
  }

  /** What is there instead is not said: it may be a secret. */
  expected(what: string): string {
    const line = (this.#tokens[this.#next] ?? this.#tokens.at(-1))?.line ?? 1
    return `line ${line}: ${what} is expected`
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_all, character: string) => ESCAPES[character] ?? character)
}
