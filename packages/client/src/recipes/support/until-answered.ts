import { KeeperError } from '@vivarium/protocol'
import { maybeApplied } from '../../errors.ts'

/**
 * Does the work, and does it again for as long as the connection is lost on the way: for work to which that does no harm.
 * If it then fails otherwise, its error tells nothing of a write before it whose answer was lost: so that one's error is
 * thrown, which says `maybeApplied`.
 */
export async function untilAnswered<T>(work: () => Promise<T>): Promise<T> {
  let doubt: unknown = null
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (maybeApplied(error)) doubt = error
      if (!KeeperError.is(error, 'CONNECTIONLOSS')) throw doubt ?? error
    }
  }
}
