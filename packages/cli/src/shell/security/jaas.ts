/** Who to be, as a section of a JAAS configuration says. */
export interface JaasCredentials {
  readonly user: string
  readonly password: string
}

/** `name { module flag key="value" …; };`, with comments in Java's manner. */
const TOKENS = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|#[^\n]*|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|[{};=]|[^\s{};="']+/g

/**
 * The user and the password of a section of a JAAS configuration that has ZooKeeper's `DigestLoginModule`.
 *
 * @returns null if there is no such section; a sentence if it is of another module, or lacks something
 */
export function jaasCredentials(text: string, section: string): JaasCredentials | string | null {
  const tokens: string[] = []
  for (const [whole, double, single] of text.matchAll(TOKENS)) {
    if (/^(\/\/|\/\*|#)/.test(whole)) continue
    tokens.push((double ?? single)?.replace(/\\(.)/g, '$1') ?? whole)
  }
  let depth = 0
  let start = -1
  for (const [at, token] of tokens.entries()) {
    if (token === '{') {
      if (depth === 0 && tokens[at - 1] === section) start = at + 1
      depth++
    } else if (token === '}') depth--
  }
  if (start < 0) return null
  const body = tokens.slice(start, tokens.indexOf('}', start))
  const [module = ''] = body
  if (!module.endsWith('.DigestLoginModule'))
    return `the section ${section} is of ${module}; only DigestLoginModule is supported`
  const option = (name: string): string | undefined => {
    const at = body.indexOf(name)
    return at > 0 && body[at + 1] === '=' ? body[at + 2] : undefined
  }
  const [user, password] = [option('username'), option('password')]
  if (user === undefined || password === undefined) return `the section ${section} has no username or no password`
  return { user, password }
}
