import {
  type ACL,
  CreateMode,
  type CreateModeName,
  MAX_TTL_MS,
  OPEN_ACL_UNSAFE,
  validatePath,
  validateSequentialPath,
} from '@vivarium/protocol'
import type { Chroot } from '../chroot.ts'
import { ArgumentError } from '../errors.ts'
import type { CreateBody } from './calls.ts'

/** What is stored in a znode: text as UTF-8. Bytes must not change before the request is settled. */
export type DataInput = Uint8Array | string | null

export interface CreateOptions {
  /** Default: empty. */
  readonly data?: DataInput | undefined
  /** Default: PERSISTENT. */
  readonly mode?: CreateModeName | undefined
  /** Default: everyone may do everything ({@link OPEN_ACL_UNSAFE}). */
  readonly acl?: readonly ACL[] | undefined
  /** How long the znode lives without a change and children, in milliseconds; for the modes with TTL only. */
  readonly ttlMs?: number | undefined
}

const EMPTY = new Uint8Array(0)

export function dataBytes(data: DataInput | undefined): Uint8Array | null {
  if (data === undefined) return EMPTY
  return typeof data === 'string' ? Buffer.from(data) : data
}

/** Checks what Java's client checks before it asks (ZooKeeper.create). @throws {ArgumentError} */
export function createBody({
  data,
  mode: name = 'PERSISTENT',
  acl = OPEN_ACL_UNSAFE,
  ttlMs,
}: CreateOptions): CreateBody {
  const mode = CreateMode[name]
  if (!(mode instanceof CreateMode)) throw new ArgumentError(`${JSON.stringify(name)} is no mode of creation`)
  if (acl.length === 0) throw new ArgumentError('an access control list needs an entry')
  if (mode.isTTL !== (ttlMs !== undefined)) {
    throw new ArgumentError(mode.isTTL ? `${name} needs a ttlMs` : `${name} goes without a ttlMs`)
  }
  if (ttlMs !== undefined && !(Number.isInteger(ttlMs) && ttlMs > 0 && ttlMs <= MAX_TTL_MS)) {
    throw new ArgumentError(`ttlMs is ${ttlMs}: an integer from 1 to ${MAX_TTL_MS} is wanted`)
  }
  return { data: dataBytes(data), acl, mode, ttlMs: ttlMs ?? -1 }
}

/** @throws {ArgumentError} */
export function serverPath(chroot: Chroot, path: string): string {
  const wrong = validatePath(path)
  if (wrong !== null) throw badPath(path, wrong)
  return chroot.toServer(path)
}

/** As {@link serverPath}; that of a sequential znode may end with a slash, since a number follows. */
export function serverCreatePath(chroot: Chroot, path: string, mode: CreateMode): string {
  if (!mode.isSequential) return serverPath(chroot, path)
  const wrong = validateSequentialPath(path)
  if (wrong !== null) throw badPath(path, wrong)
  return chroot.prefix + path
}

function badPath(path: string, wrong: string): ArgumentError {
  return new ArgumentError(`${JSON.stringify(path)} is no path: ${wrong}`)
}
