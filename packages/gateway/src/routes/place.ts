import type { PersistentNode } from '@vivarium/client/recipes'
import type { Context } from '../context.ts'
import { Problem } from '../http/problem.ts'
import type { Held } from '../recipes/held.ts'

/** How long a place may be another's before that is said. */
const PATIENCE_MS = 5000

/** Gives a place up that another session has. */
export async function withinTime<T>(
  { settings }: Context,
  path: string,
  gone: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const timer = settings.clock.after(Math.min(PATIENCE_MS, settings.limits.waitMs), () =>
    late.abort(new Problem(409, 'NotAcquired', `${path} was not to be had in time: another session has it`, { path })),
  )
  try {
    return await work(AbortSignal.any([gone, late.signal]))
  } finally {
    timer.cancel()
  }
}

/** A place that is held by a znode that stays. */
export const placeOf = (
  kind: Held['kind'],
  path: string,
  node: PersistentNode,
  release = () => node.close(),
): Held => ({
  kind,
  path,
  token: null,
  get node() {
    return node.path
  },
  get isHeld() {
    return node.presence.type === 'present'
  },
  release,
})
