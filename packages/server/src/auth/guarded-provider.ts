import type { AuthProvider, AuthResult, Identity } from '@vivarium/core'
import type { Log } from '@vivarium/env'

/** A provider from outside: what it throws, or says that makes no sense, lets nobody in, and harms nobody else. */
export class GuardedProvider implements AuthProvider {
  readonly scheme: string
  readonly isAuthenticated: boolean
  readonly #provider: AuthProvider
  readonly #log: Log

  constructor(provider: AuthProvider, log: Log) {
    this.scheme = provider.scheme
    this.isAuthenticated = provider.isAuthenticated
    this.#provider = provider
    this.#log = log
  }

  authenticate(credentials: Uint8Array | null, address: string): AuthResult {
    try {
      // A copy: the bytes that came are overwritten by what comes next.
      const result = this.#provider.authenticate(credentials === null ? null : credentials.slice(), address)
      if (result === 'AUTHFAILED' || result === 'CLOSE') return result
      return result.map(asIdentity)
    } catch (error) {
      this.#complain('authenticate', error)
      return 'AUTHFAILED'
    }
  }

  isValid(id: string): boolean {
    try {
      return this.#provider.isValid(id) === true
    } catch (error) {
      this.#complain('isValid', error)
      return false
    }
  }

  matches(id: string, expression: string): boolean {
    try {
      return this.#provider.matches(id, expression) === true
    } catch (error) {
      this.#complain('matches', error)
      return false
    }
  }

  userName(id: string): string {
    try {
      return String(this.#provider.userName(id))
    } catch (error) {
      this.#complain('userName', error)
      return ''
    }
  }

  #complain(what: string, error: unknown): void {
    this.#log.error(`The provider of the scheme ${this.scheme} has thrown.`, { in: what, error: String(error) })
  }
}

function asIdentity({ scheme, id }: Identity): Identity {
  if (typeof scheme !== 'string' || typeof id !== 'string') throw new TypeError('an identity is a scheme and an id')
  return { scheme, id }
}
