import { setTimeout as delay } from 'node:timers/promises'
import { median } from '../compare/results.ts'
import { Ensemble, type Member, RawClient, type ServerKind } from './interop.ts'
import { fill, LARGE } from './load.ts'

const POLL_MS = 5
const LONGEST_MS = 120_000

export interface FailoverResult {
  readonly znodes: number
  /** From the end of the leader's process to the first write that another member acknowledges; of each round. */
  readonly failoverMs: readonly number[]
  readonly medianMs: number
}

/** Kills the leader of three members that have so many znodes, again and again. */
export async function measureFailover(kind: ServerKind, znodes: number, rounds: number): Promise<FailoverResult> {
  const ensemble = await Ensemble.layOut(3, { config: LARGE })
  try {
    await ensemble.start(() => kind)
    await fill(ensemble, znodes)
    const failoverMs: number[] = []
    for (let round = 0; round < rounds; round++) {
      const leader = await ensemble.settled()
      await leader.kill()
      const killed = performance.now()
      await Promise.any(ensemble.running.map((member) => firstWrite(member, `/failover-${round}`, killed)))
      failoverMs.push(Math.round(performance.now() - killed))
      await ensemble.start(() => kind, [leader.sid])
    }
    return { znodes, failoverMs, medianMs: median(failoverMs) }
  } finally {
    await ensemble.dispose()
  }
}

/** Tries until a member has acknowledged a write. */
async function firstWrite(member: Member, path: string, since: number): Promise<void> {
  while (performance.now() - since < LONGEST_MS) {
    try {
      const client = await RawClient.connect(member.port)
      try {
        // Whichever member is the first has created it, and the others find it.
        if ((await client.exists(path)) === null) await client.create(path)
        return
      } finally {
        client.destroy()
      }
    } catch {
      await delay(POLL_MS)
    }
  }
  throw new Error(`server ${member.sid} acknowledged no write within ${LONGEST_MS} ms`)
}
