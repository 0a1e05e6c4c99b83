import type { Member } from '@vivarium/core'
import { connectToAny } from './connect-to-any.ts'
import type { PacketLink } from './packet-link.ts'
import type { RoleContext } from './role.ts'

/** How often each address is tried (Learner.connectToLeader), besides the first moments. */
const ATTEMPTS = 5
/** Who was elected a moment ago may not listen yet, but will at once: so the first waits are short. */
const FIRST_WAITS_MS = [2, 5, 10, 20]

/**
 * Connects a link to the leader, which may not be listening yet.
 *
 * @param given whether to give up
 * @throws if no address can be reached in time
 */
export async function connectToLeader(
  { config, env }: RoleContext,
  { sid, addresses }: Member,
  link: PacketLink,
  given: () => boolean,
): Promise<void> {
  const { clock } = env
  const targets = addresses.map(({ host, quorumPort: port }) => ({ host, port }))
  const limit = config.connectToLearnerMasterLimit > 0 ? config.connectToLearnerMasterLimit : config.initLimit
  const untilMs = clock.monotonicMs() + config.tickTimeMs * limit
  let last = 'no address'
  for (let attempt = 0; attempt < FIRST_WAITS_MS.length + ATTEMPTS && !given(); attempt++) {
    const waitMs = FIRST_WAITS_MS[attempt - 1] ?? config.leaderConnectDelayMs
    if (attempt > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve))
    const timeoutMs = untilMs - clock.monotonicMs()
    if (timeoutMs <= 0 || given()) break
    try {
      const socket = await connectToAny(env, targets, timeoutMs, link)
      link.socket = socket
      if (given()) socket.destroy()
      return
    } catch (error) {
      last = String(error)
    }
  }
  throw new Error(`server ${sid} cannot be reached (${last})`)
}
