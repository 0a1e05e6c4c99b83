import type { ValueType } from './value-type.ts'

/** Where Java reads a key from. */
export type KeyScope =
  /** Only a zoo.cfg: its parser has a name for it. */
  | 'file'
  /** The system property `zookeeper.<name>`, which the line `<name>=` of a zoo.cfg sets. */
  | 'property'
  /** The system property of exactly that name. Java cannot take it from a zoo.cfg; we can. */
  | 'jvm'

/** What this version does with a key. */
export type KeySupport =
  /** It works. */
  | 'active'
  /** It is about ensembles: as in Java it means nothing to a standalone server. */
  | 'ensemble'
  /** It tunes threads, buffers or caches of the Java server that do not exist here. */
  | 'inert'
  /** What it asks for does not exist, and a server can be run without: said in a warning. */
  | 'missing'
  /** What it asks for does not exist yet, and to run without would be wrong or unsafe: refused. */
  | 'refused'

/** One configuration key. */
export interface Key<T> {
  /** As it is written in a zoo.cfg. */
  readonly name: string
  readonly type: ValueType<T>
  readonly default: T
  /** What it is for, in one sentence or two. */
  readonly doc: string
  readonly scope: KeyScope
  readonly support: KeySupport
  /** Other names for it: those of the admin guide that Java does not know, and older ones. */
  readonly aliases: readonly string[]
  /** A lower value is not an error: as in Java it is raised to this one, with a warning. */
  readonly floor: number | null
  /** What this version does about a key that is not active: asking for just that needs no warning. */
  readonly actual: T
  /** Of a key that is missing: what happens instead, as half a sentence. */
  readonly instead: string | null
  /** It is not to be shown to anybody. */
  readonly secret: boolean
}

export interface KeyOptions<T> {
  readonly support?: KeySupport
  readonly actual?: T
  readonly aliases?: readonly string[]
  readonly floor?: number
  readonly instead?: string
  readonly secret?: boolean
}

type Define = <T>(name: string, type: ValueType<T>, initial: T, doc: string, options?: KeyOptions<NoInfer<T>>) => Key<T>

const define =
  (scope: KeyScope): Define =>
  (name, type, initial, doc, options = {}) => ({
    name,
    type,
    default: initial,
    doc,
    scope,
    support: options.support ?? 'active',
    aliases: options.aliases ?? [],
    floor: options.floor ?? null,
    actual: options.actual ?? initial,
    instead: options.instead ?? null,
    secret: options.secret ?? false,
  })

/** A key of scope `file`. */
export const fileKey: Define = define('file')
/** A key of scope `property`. */
export const propertyKey: Define = define('property')
/** A key of scope `jvm`. */
export const jvmKey: Define = define('jvm')
