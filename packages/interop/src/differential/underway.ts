import { Op } from '../opcodes.ts'
import type { Acl } from '../records.ts'

/** What a request in a burst has to do with others in it. */
export interface Bearing {
  /** The paths of the znodes by whose list, or kind, it is judged. */
  readonly judgedBy: readonly string[]
  /** Those whose list, or kind, Apache takes for another until the request has been applied. */
  readonly unsettles: readonly string[]
  /** Those of which that is so if the request is part of a multi. */
  readonly unsettlesInMulti: readonly string[]
  /** Whether it can change a quota, or what is used of one. */
  readonly movesUsage: boolean
  /** Whether it is held to a quota. */
  readonly heldToQuota: boolean
}

/** That of requests which change nothing. */
export const NO_BEARING: Bearing = {
  judgedBy: [],
  unsettles: [],
  unsettlesInMulti: [],
  movesUsage: false,
  heldToQuota: false,
}

/** Stands for whatever path a request may have after bytes of it were overwritten. */
const ANY_PATH = '*'

/** That of closeSession, which finds the ephemerals among what is under way. */
export const CLOSING: Bearing = { ...NO_BEARING, judgedBy: [ANY_PATH] }

const CREATES = new Set<number>([Op.create, Op.create2, Op.createContainer, Op.createTtl])
const WRITES = new Set<number>([...CREATES, Op.delete, Op.setData, Op.setAcl, Op.check, Op.multi])

/** Ids that have, or may turn into ones that have, a character that jute garbles. */
function isGarbled(acl: readonly Acl[] | null): boolean {
  return acl?.some(({ scheme, id }) => scheme === 'auth' || /[\ud800-\udfff]/.test(id ?? '')) ?? false
}

/**
 * @param acl the list of a create
 * @param flags those of a create
 */
export function bearingOf(op: number, path: string | null, acl: readonly Acl[] | null = null, flags = 0): Bearing {
  if (path === null || !WRITES.has(op)) return NO_BEARING
  const quota = below(path, '/q') || below(path, '/r')
  const unsettles = op === Op.setAcl || (op === Op.createContainer && (flags & 1) !== 0)
  return {
    judgedBy: [CREATES.has(op) || op === Op.delete ? parentOf(path) : root(path)],
    unsettles: unsettles ? [root(path)] : [],
    unsettlesInMulti: unsettles || isGarbled(acl) ? [root(path)] : [],
    movesUsage: quota || below(path, '/zookeeper/quota'),
    heldToQuota: quota && (CREATES.has(op) || op === Op.setData),
  }
}

/** That of a multi of such requests. */
export function bearingOfAll(parts: readonly Bearing[]): Bearing {
  return {
    judgedBy: parts.flatMap((part) => part.judgedBy),
    unsettles: parts.flatMap((part) => part.unsettlesInMulti),
    unsettlesInMulti: [],
    movesUsage: parts.some((part) => part.movesUsage),
    heldToQuota: parts.some((part) => part.heldToQuota),
  }
}

/** That of a request after bytes of it were overwritten. */
export function bearingOfDamaged(op: number): Bearing {
  if (!WRITES.has(op)) return NO_BEARING
  const unsettles = op === Op.setAcl || op === Op.createContainer || op === Op.multi
  const any = [ANY_PATH]
  return {
    judgedBy: any,
    unsettles: unsettles ? any : [],
    unsettlesInMulti: any,
    movesUsage: true,
    heldToQuota: true,
  }
}

/**
 * The requests of a burst that Apache may or may not have applied when it looks at the next. Most writes are checked
 * against the changes that are on their way, so that it makes no difference; `explained.ts` lists where it does.
 */
export class Underway {
  readonly #enforcesQuota: boolean
  readonly #unsettled = new Set<string>()
  #usageMoves = false

  constructor(enforcesQuota: boolean) {
    this.#enforcesQuota = enforcesQuota
  }

  /** Whether Apache answers such a request the same however far it has got with those before it. */
  isCertain({ judgedBy, heldToQuota }: Bearing): boolean {
    if (this.#enforcesQuota && this.#usageMoves && heldToQuota) return false
    if (this.#unsettled.size === 0) return true
    const anything = this.#unsettled.has(ANY_PATH)
    return !judgedBy.some((path) => anything || path === ANY_PATH || this.#unsettled.has(path))
  }

  add({ unsettles, movesUsage }: Bearing): void {
    for (const path of unsettles) this.#unsettled.add(path)
    this.#usageMoves ||= movesUsage
  }
}

function below(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}

function parentOf(path: string): string {
  return root(path.slice(0, Math.max(0, path.lastIndexOf('/'))))
}

/** Java's tree has its root under two names. */
function root(path: string): string {
  return path === '' ? '/' : path
}
