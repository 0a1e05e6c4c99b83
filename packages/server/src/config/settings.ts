import type { QuorumConfig } from '@vivarium/core'
import type { ConfigMessage } from './config-message.ts'
import type { Key } from './key.ts'
import { keyFamilies, keyNamed, keyNames } from './keys.ts'
import { nearestName } from './nearest-name.ts'

/** Where a text was found. */
export type Origin =
  /** Chosen by us, where there is no configuration. */
  | 'product'
  /** A `-D` flag of JVMFLAGS. */
  | 'environment'
  | 'file'
  /** A positional argument. */
  | 'argument'
  /** The option `-D`. */
  | 'option'

/** The value that a key has been given. */
export interface Setting {
  readonly value: unknown
  readonly place: string
}

/** Keys about ensembles that have their say before there is a configuration. */
const READ_ELSEWHERE = new Set(['peerType'])

/** A module with a provider of one's own. */
const MODULE = /\.[cm]?js$/

const AUTH = 'org.apache.zookeeper.server.auth.'

/** Collects the values of keys from several origins, later ones over earlier ones, and what is to be said of them. */
export class Settings {
  readonly settings: Map<Key<unknown>, Setting> = new Map()
  readonly messages: ConfigMessage[] = []
  ensembleAuthEnabled = false
  x509AuthEnabled = false
  saslAuthEnabled = false
  readonly saslSuperUsers = new Set<string>()
  readonly authModules: string[] = []
  /** The members of the ensemble; null: the server stands alone. */
  ensemble: QuorumConfig | null = null
  /** A configuration that was proposed to it before it stopped. */
  proposedEnsemble: QuorumConfig | null = null
  readonly #inert: string[] = []

  say(level: ConfigMessage['level'], place: string | null, text: string): void {
    this.messages.push({ level, place, text })
  }

  /** Takes one `name=text`. */
  set(name: string, text: string, place: string, origin: Origin): void {
    const key = this.#find(name, place, origin)
    if (key === undefined) return
    const value = key.type.parse(text)
    if (value === undefined) {
      const shown = key.secret ? 'what is there' : quote(text)
      this.say('error', place, `${key.name}: ${shown} is not allowed: it must be ${key.type.allowed}`)
      return
    }
    if (key.type.isDoubtful?.(text)) {
      this.say(
        'warn',
        place,
        `${key.name}: ${quote(text)} counts as ${key.type.format(value)}; write ${key.type.allowed}`,
      )
    }
    if (key.floor !== null && (value as number) < key.floor) {
      this.say('warn', place, `${key.name}: ${text} is too low; ${key.floor} is used`)
      this.settings.set(key, { value: key.floor, place })
      return
    }
    this.settings.set(key, { value, place })
  }

  /** Says what this version does not do although it was asked to. */
  reportUnsupported(): void {
    for (const [key, { value, place }] of this.settings) {
      if (key.type.format(value) === key.type.format(key.actual)) continue
      if (key.support === 'refused')
        this.say('error', place, `${key.name} is not supported in this version (${meaning(key)})`)
      if (key.support === 'missing') {
        const instead = key.instead ?? `it is not supported in this version (${meaning(key)})`
        this.say('warn', place, `${key.name} has no effect: ${instead}`)
      }
      const ignored = key.support === 'ensemble' && this.ensemble !== null && !READ_ELSEWHERE.has(key.name)
      if (key.support === 'inert' || ignored) this.#inert.push(key.name)
    }
    if (this.#inert.length > 0) {
      this.say('info', null, `these tune the Java server and have no effect here: ${this.#inert.join(', ')}`)
    }
  }

  #find(name: string, place: string, origin: Origin): Key<unknown> | undefined {
    if (origin === 'environment') return this.#findSystemProperty(name, place)
    const key = keyNamed(name) ?? (origin === 'option' ? keyNamed(name.replace(/^zookeeper\./, '')) : undefined)
    if (key === undefined) this.#unknown(name, place, origin)
    return key
  }

  #findSystemProperty(name: string, place: string): Key<unknown> | undefined {
    const plain = name.replace(/^zookeeper\./, '')
    const prefixed = plain !== name
    const key = keyNamed(plain)
    // An old name that Java still reads without the prefix (FileTxnLog).
    if (plain === 'fsync.warningthresholdms') return key
    if (key !== undefined && key.scope === (prefixed ? 'property' : 'jvm')) return key
    if (key?.scope === 'jvm') this.say('warn', place, `${name} has no effect; write -D${key.name}`)
    else if (key?.scope === 'property') this.say('warn', place, `${name} has no effect; write -Dzookeeper.${key.name}`)
    else if (key !== undefined)
      this.say('warn', place, `${name} has no effect; ${key.name} can only be set in a zoo.cfg`)
    // What is not ours is for the Java machine, or for its logging.
    else if (prefixed && nearestName(plain, keyNames()) !== undefined) this.#unknown(plain, place, 'environment')
    return undefined
  }

  #unknown(name: string, place: string, origin: Origin): void {
    if (keyFamilies.metricsProvider.test(name)) {
      this.#inert.push(name)
      return
    }
    const plain = name.replace(/^zookeeper\./, '')
    if (plain !== name && (keyNamed(plain) !== undefined || keyFamilies.authProvider.test(plain))) {
      // Java makes the property zookeeper.zookeeper.x of it, which nothing reads.
      this.say('warn', place, `${name} has no effect; write ${plain}`)
      return
    }
    const near = nearestName(plain, keyNames())
    const hint = near === undefined ? '' : `; did you mean ${near}?`
    this.say(origin === 'option' ? 'error' : 'warn', place, `${quote(name)} is no known key${hint}`)
  }

  /** Takes a line of those keys that stand for many, `authProvider.x` and `superUser.x`: true if `name` is one. */
  setOneOfMany(name: string, text: string, place: string): boolean {
    if (keyFamilies.superUser.test(name)) {
      this.saslSuperUsers.add(text)
      return true
    }
    if (!keyFamilies.authProvider.test(name)) return false
    const plain = text.startsWith(AUTH) ? text.slice(AUTH.length) : text
    if (plain === 'EnsembleAuthenticationProvider') this.ensembleAuthEnabled = true
    else if (plain === 'SASLAuthenticationProvider') this.saslAuthEnabled = true
    else if (plain === 'X509AuthenticationProvider') this.x509AuthEnabled = true
    else if (MODULE.test(text)) this.authModules.push(text)
    // These two need no line.
    else if (plain !== 'DigestAuthenticationProvider' && plain !== 'IPAuthenticationProvider') {
      this.say('error', place, `${name}: the authentication provider ${quote(text)} is not supported in this version`)
    }
    return true
  }
}

/** The sentence about a key, to stand in brackets. */
const meaning = (key: Key<unknown>): string =>
  key.doc.replace(/\.$/, '').replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase())

/** A text from outside, made safe to print and not too long. */
function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
}
