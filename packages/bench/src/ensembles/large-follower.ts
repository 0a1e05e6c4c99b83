import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Ensemble, type Member, type ServerKind } from './interop.ts'
import { fill, LARGE, loadOn, MIXED } from './load.ts'

/** How long the load runs before the follower begins to be synchronized. */
const LEAD_MS = 3000

export interface LargeFollowerResult {
  readonly znodes: number
  /** How long the follower took from its start until it served. */
  readonly syncMs: number
  /** What clients of the leader waited, before and meanwhile, in milliseconds. */
  readonly quiet: Waits
  readonly meanwhile: Waits
}

interface Waits {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** A follower that has lost everything is sent a large snapshot, while clients of the leader read and write. */
export async function measureLargeFollower(
  kind: ServerKind,
  znodes: number,
  seconds: number,
): Promise<LargeFollowerResult> {
  const ensemble = await Ensemble.layOut(3, { config: LARGE })
  try {
    await ensemble.start(() => kind)
    await fill(ensemble, znodes)
    const leader = await ensemble.settled()
    const quiet = waits(await loadOn(leader, MIXED, seconds))
    const follower = ensemble.members.find((member) => member !== leader) as Member
    await follower.kill()
    rmSync(join(follower.directory, 'data', 'version-2'), { recursive: true })
    const load = loadOn(leader, MIXED, seconds)
    await delay(LEAD_MS)
    const started = performance.now()
    await follower.start(kind)
    await ensemble.settled()
    const syncMs = Math.round(performance.now() - started)
    return { znodes, syncMs, quiet, meanwhile: waits(await load) }
  } finally {
    await ensemble.dispose()
  }
}

function waits({ p50Ms, p99Ms, maxMs }: { p50Ms: number; p99Ms: number; maxMs: number }): Waits {
  const rounded = (ms: number): number => Math.round(ms * 10) / 10
  return { p50: rounded(p50Ms), p99: rounded(p99Ms), max: rounded(maxMs) }
}
