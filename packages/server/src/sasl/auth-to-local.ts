/** The parts of a Kerberos principal: `service/host@REALM`. */
export interface PrincipalParts {
  readonly service: string
  /** Null where there is none: `service@REALM`. */
  readonly host: string | null
  readonly realm: string
}

/**
 * A rule of `zookeeper.security.auth_to_local` (KerberosName.Rule). `DEFAULT` is the first part of names of the default realm.
 * `RULE:[2:$1-$2](pattern)s/from/to/g` is for names of two parts: puts its format together of the realm ($0) and the parts,
 * and, if the pattern is all of that, replaces in it.
 */
export interface LocalRule {
  readonly format: { readonly components: number; readonly text: string } | 'DEFAULT'
  readonly match: RegExp | null
  readonly from: RegExp | null
  readonly to: string
}

const RULE = /^\s*(?:DEFAULT|RULE:\[(\d*):([^\]]*)\](?:\(([^)]*)\))?(?:s\/([^/]*)\/([^/]*)\/(g)?)?)/
/** What Java's expressions begin with where JavaScript's have a flag. */
const ANY_CASE = /^\(\?i\)/
const PARAMETER = /\$(\d*)/g
/** Of a replacement in Java: a group, or a character as it is. */
const REPLACED = /\$(\d)|\\(.)/gs
const NOT_SIMPLE = /[/@]/

/** Null if they are no rules. */
export function parseAuthToLocal(text: string): readonly LocalRule[] | null {
  const rules: LocalRule[] = []
  for (let left = text.trim(); left !== ''; ) {
    const found = RULE.exec(left)
    if (found === null) return null
    const rule = ruleOf(found)
    if (rule === null) return null
    rules.push(rule)
    left = left.slice(found[0].length)
  }
  return rules
}

function ruleOf([, components, text, match, from, to = '', global = '']: RegExpExecArray): LocalRule | null {
  if (text === undefined) return { format: 'DEFAULT', match: null, from: null, to }
  if (components === '') return null
  try {
    return {
      format: { components: Number(components), text },
      match: match === undefined ? null : new RegExp(`^(?:${match})$`),
      from:
        from === undefined ? null : new RegExp(from.replace(ANY_CASE, ''), ANY_CASE.test(from) ? `${global}i` : global),
      to,
    }
  } catch {
    return null
  }
}

/**
 * What the first rule that applies makes of a principal (KerberosName.getShortName); null if none does, or what it makes is no
 * simple name.
 *
 * @param isDefaultRealm whether rules `DEFAULT` are for names of the principal's realm
 */
export function shortName(
  rules: readonly LocalRule[],
  { service, host, realm }: PrincipalParts,
  isDefaultRealm: boolean,
): string | null {
  const parts = host === null ? [realm, service] : [realm, service, host]
  for (const { format, match, from, to } of rules) {
    let name: string | null
    if (format === 'DEFAULT') {
      if (!isDefaultRealm) continue
      name = service
    } else {
      if (format.components !== parts.length - 1) continue
      name = filledIn(format.text, parts)
      if (name !== null && match !== null && !match.test(name)) continue
      if (name !== null && from !== null) name = replaced(name, from, to)
    }
    return name === null || NOT_SIMPLE.test(name) ? null : name
  }
  return null
}

/** Null if it names a part that there is not. */
function filledIn(format: string, parts: readonly string[]): string | null {
  let isWrong = false
  const text = format.replace(PARAMETER, (_parameter, digits: string) => {
    const part = digits === '' ? undefined : parts[Number(digits)]
    isWrong ||= part === undefined
    return part ?? ''
  })
  return isWrong ? null : text
}

const replaced = (name: string, from: RegExp, to: string): string =>
  name.replace(from, (...found) =>
    to.replace(REPLACED, (_replaced, group?: string, character?: string) =>
      character === undefined ? String(found[Number(group)] ?? '') : character,
    ),
  )
