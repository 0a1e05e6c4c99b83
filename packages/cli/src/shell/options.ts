import { CliError } from './failure.ts'

/** The options of a command by name, without their dash: whether a value follows. */
export type OptionTable = Readonly<Record<string, boolean>>

/** The words behind a command, taken apart. */
export class Arguments {
  /** What is no option. */
  readonly positional: readonly string[]
  readonly #options: ReadonlyMap<string, string>

  constructor(positional: readonly string[], options: ReadonlyMap<string, string>) {
    this.positional = positional
    this.#options = options
  }

  has(name: string): boolean {
    return this.#options.has(name)
  }

  value(name: string): string | undefined {
    return this.#options.get(name)
  }

  /** The same, but for this option. */
  without(name: string): Arguments {
    return new Arguments(this.positional, new Map([...this.#options].filter(([option]) => option !== name)))
  }

  /**
   * The one of these options that is there.
   *
   * @throws {CliError} in the words of commons-cli, if there are more
   */
  oneOf(names: readonly string[]): string | undefined {
    const [first, second] = [...this.#options.keys()].filter((name) => names.includes(name))
    if (second === undefined) return first
    throw new CliError(
      `The option '${second}' was specified but an option from this group has already been selected: '${first}'`,
    )
  }

  /** The whole number behind an option, if it is there. @throws {CliError} */
  int(name: string, problem = `-${name} argument must be an int value`): number | undefined {
    const text = this.value(name)
    if (text === undefined) return undefined
    const value = Number(text)
    if (!/^[+-]?\d+$/.test(text) || value < -(2 ** 31) || value >= 2 ** 31) throw new CliError(problem)
    return value
  }
}

/**
 * Takes apart the words of a command as commons-cli does for zkCli: options stand anywhere, flags may share a dash
 * (`-sw`), a value may be joined to its option (`-v3`, `-v=3`), and behind `--` nothing is an option.
 *
 * @throws {CliError} with commons-cli's words
 */
export function parseOptions(words: readonly string[], table: OptionTable): Arguments {
  const positional: string[] = []
  const options = new Map<string, string>()
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    if (word === '--') {
      positional.push(...words.slice(i + 1))
      break
    }
    if (!word.startsWith('-') || word === '-') {
      positional.push(word)
      continue
    }
    const { flags, valued } = readWord(word, table)
    for (const flag of flags) options.set(flag, '')
    if (valued === null) continue
    const { name, joined } = valued
    const next = words[i + 1]
    if (joined === null && (next === undefined || isOption(next, table))) {
      throw new CliError(`Missing argument for option: ${name}`)
    }
    options.set(name, joined ?? (next as string))
    if (joined === null) i++
  }
  return new Arguments(positional, options)
}

interface Word {
  readonly flags: readonly string[]
  /** The option at its end that takes a value; `joined` if that is in the same word. */
  readonly valued: { readonly name: string; readonly joined: string | null } | null
}

function readWord(word: string, table: OptionTable): Word {
  const whole = word.slice(1)
  const equals = whole.indexOf('=')
  const name = equals === -1 ? whole : whole.slice(0, equals)
  if (Object.hasOwn(table, name)) {
    const joined = equals === -1 ? null : whole.slice(equals + 1)
    if (table[name]) return { flags: [], valued: { name, joined } }
    if (joined === null) return { flags: [name], valued: null }
  }
  const flags: string[] = []
  for (const [at, letter] of [...whole].entries()) {
    if (!Object.hasOwn(table, letter)) break
    if (table[letter]) return { flags, valued: { name: letter, joined: whole.slice(at + 1) || null } }
    flags.push(letter)
    if (at === whole.length - 1) return { flags, valued: null }
  }
  throw new CliError(`Unrecognized option: ${word}`)
}

/** Whether a word is an option rather than the value of the one before it; negative numbers are values. */
function isOption(word: string, table: OptionTable): boolean {
  if (!word.startsWith('-') || word === '-' || /^-\d+$/.test(word)) return false
  const name = word.slice(1).split('=')[0] as string
  return word === '--' || Object.hasOwn(table, name) || Object.hasOwn(table, name.slice(0, 1))
}
