import { type Address, type ForeignFunction, type Koffi, loadKoffi } from './koffi.ts'

/** MIT's Kerberos, by the names that its files have. */
const [GSSAPI, KRB5] =
  process.platform === 'darwin' ? ['libgssapi_krb5.dylib', 'libkrb5.dylib'] : ['libgssapi_krb5.so.2', 'libkrb5.so.3']

/** gss_cred_usage_t */
const INITIATE = 1
const ACCEPT = 2
/** GSS_C_MUTUAL_FLAG (2) and GSS_C_INTEG_FLAG (32). */
const FLAGS = 34
const CONTINUE_NEEDED = 1
const INDEFINITE = 0xffff_ffff
/** The bits of a status that are calling errors and routine errors. */
const ERRORS = 0xffff_0000
const GSS_CODE = 1
const MECHANISM_CODE = 2
const FAILURE = 13 << 16

/** What went wrong, in the library's words. */
export class GssError extends Error {
  override readonly name = 'GssError'
}

/** One step towards a security context. */
export interface GssStep {
  /** For the other end; it may be empty. */
  readonly token: Uint8Array
  readonly complete: boolean
}

/** Something of the library's, and how to give it back. */
export interface Handle {
  readonly address: Address
  release(): void
}

/** A security context in the making: the address that is passed in, and out. */
export type ContextCell = [Address]

/** What an exchange needs. */
export type Mechanism = Pick<Gssapi, 'accept' | 'initiate' | 'wrap' | 'unwrap' | 'delete'>

interface GssBuffer {
  length: number | bigint
  value: unknown
}

/**
 * The functions of MIT's GSS-API that SASL needs (RFC 2743, RFC 2744), which check everything that comes from outside
 * themselves. What they hand out has to be released.
 */
export class Gssapi {
  readonly #koffi: Koffi
  readonly #functions: ReadonlyMap<string, ForeignFunction>
  readonly #variable: (name: string) => unknown

  private constructor(koffi: Koffi) {
    this.#koffi = koffi
    const library = koffi.load(GSSAPI)
    this.#functions = new Map(
      Object.entries(signatures(koffi)).map(([name, types]) => [name, library.func(name, 'uint32_t', types)]),
    )
    this.#variable = (name) => koffi.decode(library.symbol(name), 'void *')
  }

  /** @throws {Error} if the package or the library cannot be had */
  static async load(): Promise<Gssapi> {
    return new Gssapi(await loadKoffi())
  }

  /** The realm of names that have none; empty if there is no configuration of Kerberos (`krb5.conf`). */
  defaultRealm(): string {
    const koffi = this.#koffi
    const library = koffi.load(KRB5)
    const pointer = koffi.pointer('void')
    const out = koffi.out(koffi.pointer(pointer))
    const context: [Address] = [null]
    if (library.func('krb5_init_context', 'uint32_t', [out])(context) !== 0) return ''
    const realm: [Address] = [null]
    try {
      if (library.func('krb5_get_default_realm', 'uint32_t', [pointer, out])(context[0], realm) !== 0) return ''
      return String(koffi.decode(realm[0], 'char', -1))
    } finally {
      if (realm[0] !== null) library.func('krb5_free_default_realm', 'void', [pointer, pointer])(context[0], realm[0])
      library.func('krb5_free_context', 'void', [pointer])(context[0])
    }
  }

  /** A principal by its name: `zookeeper/host@REALM`. */
  principal(name: string): Handle {
    const cell: [Address] = [null]
    this.#do('gss_import_name', [this.#buffer(Buffer.from(name)), this.#variable('gss_nt_krb5_name'), cell])
    return this.#handle(cell[0], 'gss_release_name')
  }

  /** The keys of a service, of a file; or how to get tickets. @param store `keytab`, `client_keytab`, `ccache` */
  credential(usage: 'accept' | 'initiate', name: Handle, store: Readonly<Record<string, string>>): Handle {
    const entries = Object.entries(store)
    const elements = Object.fromEntries(
      entries.flatMap(([key, value], i) => [
        [`key${i}`, key],
        [`value${i}`, value],
      ]),
    )
    const cell: [Address] = [null]
    this.#do('gss_acquire_cred_from', [
      ...[name.address, INDEFINITE, this.#variable('gss_mech_set_krb5'), usage === 'accept' ? ACCEPT : INITIATE],
      ...[{ count: entries.length, elements }, cell, null, null],
    ])
    return this.#handle(cell[0], 'gss_release_cred')
  }

  /** Takes what a client has sent, in another thread: the cache of what was seen already is a file. */
  async accept(
    context: ContextCell,
    credential: Handle,
    token: Uint8Array,
  ): Promise<GssStep & { user: string | null }> {
    const source: [Address] = [null]
    const answer: GssBuffer = { length: 0, value: null }
    const input = this.#buffer(token)
    const status = await this.#doAsync('gss_accept_sec_context', [
      ...[context, credential.address, input, null, source, null, answer, null, null, null],
    ])
    const name = source[0] === null ? null : this.#handle(source[0], 'gss_release_name')
    try {
      const complete = status !== CONTINUE_NEEDED
      return { token: this.#take(answer), complete, user: complete && name !== null ? this.#display(name) : null }
    } finally {
      name?.release()
    }
  }

  /** Says who one is, or goes on with that, in another thread: it may be to be asked of the KDC. */
  async initiate(context: ContextCell, credential: Handle, target: Handle, token: Uint8Array): Promise<GssStep> {
    const answer: GssBuffer = { length: 0, value: null }
    const input = this.#buffer(token)
    const status = await this.#doAsync('gss_init_sec_context', [
      ...[credential.address, context, target.address, this.#variable('gss_mech_krb5'), FLAGS, 0, null],
      ...[input, null, answer, null, null],
    ])
    return { token: this.#take(answer), complete: status !== CONTINUE_NEEDED }
  }

  /** Protects a message from changes, not from eyes. */
  wrap([context]: ContextCell, message: Uint8Array): Uint8Array {
    const output: GssBuffer = { length: 0, value: null }
    this.#do('gss_wrap', [context, 0, 0, this.#buffer(message), null, output])
    return this.#take(output)
  }

  unwrap([context]: ContextCell, message: Uint8Array): Uint8Array {
    const output: GssBuffer = { length: 0, value: null }
    this.#do('gss_unwrap', [context, this.#buffer(message), output, null, null])
    return this.#take(output)
  }

  /** Forgets a security context, whole or not. */
  delete(context: ContextCell): void {
    if (context[0] !== null) this.#call('gss_delete_sec_context', [context, null])
    context[0] = null
  }

  #display(name: Handle): string {
    const output: GssBuffer = { length: 0, value: null }
    this.#do('gss_display_name', [name.address, output, null])
    return Buffer.from(this.#take(output)).toString('utf8')
  }

  #buffer(bytes: Uint8Array): GssBuffer {
    return { length: bytes.length, value: bytes }
  }

  /** A copy of what the library has allocated, which is released. */
  #take(buffer: GssBuffer): Uint8Array {
    const length = Number(buffer.length)
    if (buffer.value === null) return new Uint8Array(0)
    const bytes =
      length === 0 ? new Uint8Array(0) : new Uint8Array(this.#koffi.view(buffer.value as Address, length)).slice()
    this.#call('gss_release_buffer', [buffer])
    return bytes
  }

  #handle(address: Address, release: string): Handle {
    return { address, release: () => void this.#call(release, [[address]]) }
  }

  #call(name: string, args: readonly unknown[]): { readonly status: number; readonly minor: number } {
    const minor: [number] = [0]
    const status = this.#function(name)(minor, ...args)
    return { status, minor: minor[0] }
  }

  #do(name: string, args: readonly unknown[]): void {
    const { status, minor } = this.#call(name, args)
    this.#check(status, minor)
  }

  async #doAsync(name: string, args: readonly unknown[]): Promise<number> {
    const minor: [number] = [0]
    const status = await new Promise<number>((resolve, reject) => {
      const settle = (error: Error | null, result: number): void => (error === null ? resolve(result) : reject(error))
      this.#function(name).async(minor, ...args, settle)
    })
    this.#check(status, minor[0])
    return status
  }

  #check(status: number, minor: number): void {
    if ((status & ERRORS) === 0) return
    // A failure of which the mechanism knows more is only said by that.
    const texts = (status & ERRORS) >>> 0 === FAILURE ? [] : [this.#text(status, GSS_CODE)]
    if (minor !== 0) texts.push(this.#text(minor, MECHANISM_CODE))
    throw new GssError(texts.join(': '))
  }

  #text(code: number, kind: number): string {
    const more: [number] = [0]
    const output: GssBuffer = { length: 0, value: null }
    this.#call('gss_display_status', [code, kind, this.#variable('gss_mech_krb5'), more, output])
    return Buffer.from(this.#take(output)).toString('utf8')
  }

  #function(name: string): ForeignFunction {
    return this.#functions.get(name) as ForeignFunction
  }
}

/** The parameters of the library's functions. */
function signatures(koffi: Koffi): Readonly<Record<string, readonly (object | string)[]>> {
  const [word, integer, address] = ['uint32_t', 'int', koffi.pointer('void')]
  const minor = koffi.out(koffi.pointer(word))
  const [handleOut, handle] = [koffi.out(koffi.pointer(address)), koffi.inout(koffi.pointer(address))]
  const input = koffi.pointer(koffi.struct({ length: 'size_t', value: 'void *' }))
  const [output, buffer] = [koffi.out(input), koffi.inout(input)]
  // An array behind a pointer cannot be described; of more than two nobody has need.
  const text = 'const char *'
  const elements = koffi.struct({ key0: text, value0: text, key1: text, value1: text })
  const store = koffi.pointer(koffi.struct({ count: word, elements: koffi.pointer(elements) }))
  return {
    gss_import_name: [minor, input, address, handleOut],
    gss_display_name: [minor, address, output, address],
    gss_release_name: [minor, handle],
    gss_acquire_cred_from: [minor, address, word, address, integer, store, handleOut, address, address],
    gss_release_cred: [minor, handle],
    gss_accept_sec_context: [
      ...[minor, handle, address, input, address, handleOut, address, output, address, address, address],
    ],
    gss_init_sec_context: [
      ...[minor, address, handle, address, address, word, word, address, input, address, output, address, address],
    ],
    gss_delete_sec_context: [minor, handle, address],
    gss_wrap: [minor, address, integer, word, input, address, output],
    gss_unwrap: [minor, address, input, output, address, address],
    gss_display_status: [minor, word, integer, address, koffi.inout(koffi.pointer(word)), output],
    gss_release_buffer: [minor, buffer],
  }
}
