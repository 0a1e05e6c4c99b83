import type { Size } from '../world/random-config.ts'
import type { ServerMutation } from '../world/server-host.ts'

/**
 * A server that is broken on purpose, by what it is given or by a part that is replaced at run time: no seam in the
 * production code is there for it.
 */
export interface Mutant {
  readonly name: string
  /** What is wrong with it. */
  readonly flaw: string
  /** Whether it is noticed in ensembles, or in servers that stand alone. */
  readonly ensemble: boolean
  /** Faults that bring it to light, by name; by default the seed decides. */
  readonly faults?: readonly string[]
  /** What it takes of an ensemble. */
  readonly size?: Partial<Size>
  readonly mutation?: ServerMutation
  /** Replaces parts of classes, for as long as it runs; returns what puts them back. */
  patch?(): () => void
}

/** Replaces a method, and returns what puts it back. */
export function replaceMethod<T extends object, K extends keyof T>(
  target: T,
  name: K,
  replace: (original: T[K]) => T[K],
): () => void {
  const original = target[name]
  target[name] = replace(original)
  return () => {
    target[name] = original
  }
}

/** Replaces what a getter returns, and returns what puts it back. */
export function replaceGetter<T extends object, K extends keyof T>(
  target: T,
  name: K,
  replace: (self: T, original: () => T[K]) => T[K],
): () => void {
  const original = Object.getOwnPropertyDescriptor(target, name) as PropertyDescriptor & { get: () => T[K] }
  Object.defineProperty(target, name, {
    ...original,
    get(this: T) {
      return replace(this, () => original.get.call(this))
    },
  })
  return () => void Object.defineProperty(target, name, original)
}

/** Takes several replacements back. */
export function together(...restores: readonly (() => void)[]): () => void {
  return () => {
    for (const restore of restores) restore()
  }
}
