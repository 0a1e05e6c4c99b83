import { median } from '../compare/results.ts'
import { DISTURBANCES, disturbed, Ensemble, type ServerKind } from './interop.ts'
import { loadOn, WRITES } from './load.ts'

const MEMBERS = 5

export interface SlowMemberResult {
  readonly disturbance: keyof typeof DISTURBANCES
  /** Writes a second, the median of the rounds: with all members well, and with one disturbed. */
  readonly well: number
  readonly disturbed: number
  readonly ratio: number
  readonly p99Ms: number
}

/** Five members, one of the followers slow or flapping: what becomes of the writes, measured in turns. */
export async function measureSlowMember(
  kind: ServerKind,
  disturbance: keyof typeof DISTURBANCES,
  rounds: number,
  seconds: number,
): Promise<SlowMemberResult> {
  const ensemble = await Ensemble.layOut(MEMBERS, { config: { tickTime: '2000' } })
  try {
    await ensemble.start(() => kind)
    const leader = await ensemble.settled()
    const victim = ensemble.members.find((member) => member !== leader) as (typeof ensemble.members)[0]
    const well: number[] = []
    const ill: number[] = []
    const p99: number[] = []
    for (let round = 0; round < rounds; round++) {
      await ensemble.settled()
      well.push((await loadOn(leader, WRITES, seconds)).operationsPerSecond)
      const result = await disturbed(DISTURBANCES[disturbance], victim, kind, () => loadOn(leader, WRITES, seconds))
      ill.push(result.operationsPerSecond)
      p99.push(result.p99Ms)
    }
    const rates = { well: Math.round(median(well)), disturbed: Math.round(median(ill)) }
    return { disturbance, ...rates, ratio: rates.disturbed / rates.well, p99Ms: median(p99) }
  } finally {
    await ensemble.dispose()
  }
}
