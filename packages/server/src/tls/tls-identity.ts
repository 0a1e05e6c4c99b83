import type { Clock, Disk, Log, Timer } from '@vivarium/env'
import { createTlsContext, fetchBytes, type Revocation, type TlsContext } from '@vivarium/env/node'
import { inlineBytes } from './inline-store.ts'
import { type KeyPair, type KeyStore, keyPairOf, readKeyStore } from './key-store.ts'
import { KeyStoreError } from './key-store-error.ts'
import { RevocationChecker } from './revocation/revocation-checker.ts'
import type { Store, TlsSettings } from './tls-settings.ts'

/** How often the files are looked at. Whoever replaces them waits for a line in the log, not for a deadline. */
const LOOK_MS = 2000

/** Larger than any store of keys: what claims to be is not read. */
const LARGEST_BYTES = 16 << 20

export interface TlsIdentityOptions {
  readonly settings: TlsSettings
  readonly disk: Disk
  readonly clock: Clock
  readonly log: Log
  /** Whether to notice that files have been replaced. */
  readonly reload: boolean
}

/** What the stores say, at a time. */
interface Identity {
  readonly context: TlsContext
  readonly revocation: Revocation | null
}

/**
 * Who a server is to others, and whom it believes: what its key store and trust store say. When they are replaced, new
 * connections see the new ones, and those that there are stay (X509Util.FileChangeWatcher).
 */
export class TlsIdentity {
  readonly #options: TlsIdentityOptions
  #identity: Identity
  #seen: string
  #timer: Timer | null = null

  private constructor(options: TlsIdentityOptions, identity: Identity, seen: string) {
    this.#options = options
    this.#identity = identity
    this.#seen = seen
  }

  /** @throws {KeyStoreError} */
  static async load(options: TlsIdentityOptions): Promise<TlsIdentity> {
    const seen = await stampOf(options)
    const identity = new TlsIdentity(options, await identityOf(options), seen)
    if (options.reload && filesOf(options.settings).length > 0) identity.#look()
    return identity
  }

  /** What encrypts the next connection. */
  readonly context = (): TlsContext => this.#identity.context

  /** What knows of revoked certificates; null where nothing is to. */
  readonly revocation = (): Revocation | null => this.#identity.revocation

  close(): void {
    this.#timer?.cancel()
    this.#timer = null
  }

  #look(): void {
    this.#timer = this.#options.clock.after(LOOK_MS, () => {
      void this.#reload().finally(() => {
        if (this.#timer !== null) this.#look()
      })
    })
  }

  async #reload(): Promise<void> {
    const { log, settings } = this.#options
    const stamp = await stampOf(this.#options)
    if (stamp === this.#seen) return
    this.#seen = stamp
    try {
      this.#identity = await identityOf(this.#options)
      log.info('The certificates have been replaced: new connections see the new ones.', {
        store: settings.keyStore.path ?? settings.keyStore.name,
      })
    } catch (error) {
      // They may be written at this moment: then they change once more.
      log.error(`The certificates that have changed are of no use, and the old ones stay. ${(error as Error).message}`)
    }
  }
}

/** The files that the stores are read from; none where they stand in the configuration. */
function filesOf({ keyStore, trustStore }: TlsSettings): string[] {
  const files = [keyStore, trustStore].flatMap((store) => [store?.path, store?.passwordPath])
  return files.filter((file) => typeof file === 'string')
}

/** Changes when a file does, or is replaced by another. */
async function stampOf({ settings, disk }: TlsIdentityOptions): Promise<string> {
  const stamps: string[] = []
  for (const file of filesOf(settings)) {
    const found = await disk.stat(file).catch(() => null)
    stamps.push(found === null ? '' : `${found.size} ${found.modifiedMs}`)
  }
  return stamps.join()
}

/**
 * What the stores have in them; trust is null where no store says whom to believe.
 *
 * @throws {KeyStoreError}
 */
export async function readStores(
  { keyStore, trustStore }: TlsSettings,
  disk: Disk,
): Promise<{ readonly pair: KeyPair; readonly trust: KeyStore | null }> {
  const pair = await inStore(disk, keyStore, keyPairOf)
  const trust = trustStore === null ? null : await inStore(disk, trustStore, believing)
  return { pair, trust }
}

async function identityOf({ settings, disk, clock }: TlsIdentityOptions): Promise<Identity> {
  const { prefix, protocols, ciphers, crl, ocsp } = settings
  const { pair, trust } = await readStores(settings, disk)
  const trusted = trust?.trusted ?? []
  const resumable = !crl && !ocsp
  try {
    const context = createTlsContext({ ...pair, trusted: trusted.map(String), resumable, protocols, ciphers })
    if (resumable) return { context, revocation: null }
    const common = { trusted, lists: trust?.revoked ?? [], ocsp, fetch: fetchBytes, wallMs: () => clock.wallMs() }
    return { context, revocation: new RevocationChecker(common) }
  } catch (error) {
    throw new KeyStoreError(`${prefix}keyStore and trustStore are of no use: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

function believing(store: KeyStore): KeyStore {
  if (store.trusted.length === 0) throw new KeyStoreError('there is no trusted certificate in it')
  return store
}

/** What `take` finds in a store; what is wrong with it is said with the key that names it. */
async function inStore<T>(disk: Disk, store: Store, take: (store: KeyStore) => T): Promise<T> {
  const { path, inline, name, passwordPath } = store
  try {
    const password = passwordPath === null ? store.password : firstLine(await read(disk, passwordPath))
    const bytes = path === null ? inlineBytes(inline ?? '') : await read(disk, path)
    if (bytes === null) throw new KeyStoreError('it is neither PEM nor base64')
    return take(readKeyStore(bytes, password))
  } catch (error) {
    throw new KeyStoreError(`${name} cannot be used: ${(error as Error).message}`, { cause: error })
  }
}

/** As an editor writes it, with a line's end (SecretUtils.readSecret). */
function firstLine(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}

async function read(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path, 'read')
  try {
    const size = await file.size()
    if (size > LARGEST_BYTES) throw new KeyStoreError(`it has ${size} bytes`)
    return await file.read(0, size)
  } finally {
    await file.close()
  }
}
