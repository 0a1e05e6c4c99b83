import type { Property } from './properties.ts'

/** A system property, and the environment variable that sets it. */
export interface SystemProperty extends Omit<Property, 'line'> {
  readonly variable: string
}

/** The variables that zkServer.sh hands to Java, in its order: of two values the later one counts. */
const SERVER_VARIABLES = ['SERVER_JVMFLAGS', 'JVMFLAGS']

/**
 * The `-Dkey=value` flags of the environment variables that scripts hand to Java: zkServer.sh, or others. Flags of the virtual machine
 * (`-Xmx1g`) mean nothing here and are left out.
 */
export function systemProperties(
  environment: Readonly<Record<string, string | undefined>>,
  variables: readonly string[] = SERVER_VARIABLES,
): SystemProperty[] {
  const found: SystemProperty[] = []
  for (const variable of variables) {
    for (const word of shellWords(environment[variable] ?? '')) {
      if (word.startsWith('-D')) found.push({ ...splitDefinition(word.slice(2)), variable })
    }
  }
  return found
}

/** The two sides of `key=value`; as for Java, a key alone has an empty value. */
export function splitDefinition(definition: string): { readonly key: string; readonly value: string } {
  const equals = definition.indexOf('=')
  if (equals < 0) return { key: definition.trim(), value: '' }
  return { key: definition.slice(0, equals).trim(), value: definition.slice(equals + 1).trim() }
}

/** Whether a backslash before `next` is one for the shell: between double quotes it stays where it escapes nothing. */
function escapes(quote: string, next: string | undefined): boolean {
  return next !== undefined && (quote === '' || (quote === '"' && /["\\$`\n]/.test(next)))
}

/** Words as a shell splits them, with their quotes removed; an open quote ends with the text. */
function shellWords(text: string): string[] {
  const words: string[] = []
  let word: string | null = null
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (quote === '' && /\s/.test(character)) {
      if (word !== null) words.push(word)
      word = null
      continue
    }
    word ??= ''
    if (character === quote) quote = ''
    else if (quote === '' && (character === '"' || character === "'")) quote = character
    else if (character === '\\' && escapes(quote, text[at + 1])) word += text[++at]
    else word += character
  }
  if (word !== null) words.push(word)
  return words
}
