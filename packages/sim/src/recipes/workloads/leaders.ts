import { type Holding, LeaderElection, LeaderLatch } from '@vivarium/client/recipes'
import { attempt, type Context, type Turns, type Workload } from './workload.ts'

/** Takes part all the time; what the latch says is noted as it says it, used or not. */
export const leaderLatch: Workload = {
  name: 'leader latch',
  emptied: ['/leaders/latch'],
  begin(context): Turns {
    const { zk, who, recorder, random, pause, isPatient } = context
    const noted = new Set<Holding>()
    const open = (): LeaderLatch => {
      const latch = new LeaderLatch(zk, '/leaders/latch', { id: who })
      latch.onChange((leadership) => {
        if (!leadership?.isHeld || noted.has(leadership)) return
        noted.add(leadership)
        recorder.hold('/leaders/latch', 'one', who, leadership)
      })
      return latch
    }
    let latch = open()
    return {
      turn: async (isLast) => {
        await attempt(isLast, context, async () => {
          const leadership = await latch.leadership(isLast ? {} : { timeoutMs: random.between(1, 3000) })
          await pause(random.chance(0.2) ? random.between(500, 5000) : random.between(0, 500))
          await leadership.release()
        })
        if (isLast)
          await latch.close() // Others are to have their last turn, too.
        else if (!isPatient && random.chance(0.2)) {
          await latch.close()
          latch = open()
        }
      },
      end: () => Promise.resolve(),
    }
  },
}

export const leaderElection: Workload = {
  name: 'leader election',
  emptied: ['/leaders/election'],
  begin(context: Context): Turns {
    const { zk, who, recorder, random, pause, isPatient } = context
    const election = new LeaderElection(zk, '/leaders/election', { id: who })
    return {
      turn: (isLast) =>
        attempt(isLast, context, () =>
          election.run(
            async (term) => {
              recorder.hold('/leaders/election', 'one', who, term)
              await pause(random.chance(0.2) ? random.between(300, 5000) : random.between(0, 300))
            },
            isLast || isPatient ? {} : { timeoutMs: random.between(1, 3000) },
          ),
        ),
      end: () => Promise.resolve(),
    }
  },
}
