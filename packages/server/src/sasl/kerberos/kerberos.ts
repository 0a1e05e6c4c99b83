import type { SaslAcceptor, SaslInitiator } from '../exchange.ts'
import { Gssapi, type Handle } from './gssapi.ts'
import { GssapiAcceptor } from './gssapi-acceptor.ts'
import { GssapiInitiator } from './gssapi-initiator.ts'
import type { KerberosSection } from './kerberos-section.ts'
import { OneAtATime } from './security-context.ts'

/** So that the tickets of two sections, or servers, in one process are not taken for each other. */
let caches = 0

/** Authentication by Kerberos, with the library of this machine. */
export class Kerberos {
  readonly #gssapi: Gssapi
  readonly #accepting = new OneAtATime()
  readonly #initiating = new OneAtATime()

  private constructor(gssapi: Gssapi) {
    this.#gssapi = gssapi
  }

  /** @throws {Error} if the package `koffi` or the library cannot be had */
  static async load(): Promise<Kerberos> {
    return new Kerberos(await Gssapi.load())
  }

  /** The realm of names that have none; empty if there is none. */
  get defaultRealm(): string {
    return this.#gssapi.defaultRealm()
  }

  /**
   * What begins exchanges with those who call.
   *
   * @throws {Error} if there are no keys of the principal in the file
   */
  acceptor({ principal, keyTab }: KerberosSection): () => SaslAcceptor {
    const name = this.#gssapi.principal(principal)
    try {
      const keys = this.#gssapi.credential('accept', name, keyTab === null ? {} : { keytab: keyTab })
      return () => new GssapiAcceptor(this.#gssapi, this.#accepting, keys)
    } finally {
      name.release()
    }
  }

  /** What begins exchanges with a server that is called: `zkquorum/host`, with a realm or without. */
  initiator({ principal, keyTab, ticketCache }: KerberosSection): (target: string) => SaslInitiator {
    const ccache = ticketCache === null ? `MEMORY:vivarium-${process.pid}-${++caches}` : ticketCache
    const store = {
      ...(ticketCache === null && keyTab !== null ? { client_keytab: keyTab } : {}),
      ...(ccache === '' ? {} : { ccache }),
    }
    return (target) => {
      const name = this.#gssapi.principal(principal)
      const handles: Handle[] = []
      try {
        // Anew each time: this is where the library sees to it that tickets do not get old.
        handles.push(this.#gssapi.credential('initiate', name, store))
        handles.push(this.#gssapi.principal(target))
        const [credential, server] = handles as [Handle, Handle]
        return new GssapiInitiator(this.#gssapi, this.#initiating, credential, server)
      } catch (error) {
        for (const handle of handles) handle.release()
        throw error
      } finally {
        name.release()
      }
    }
  }
}
