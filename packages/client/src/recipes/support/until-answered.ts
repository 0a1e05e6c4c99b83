import { KeeperError } from '@vivarium/protocol'
import { RequestError } from '../../errors.ts'

/**
 * Does the work, and does it again for as long as the connection is lost on the way: for work to which that does no harm.
 * If it then fails otherwise, its error tells nothing of a write before it whose answer was lost: so that one's error is
 * thrown, which says `maybeApplied`.
 */
export async function untilAnswered<T>(work: () => Promise<T>): Promise<T> {
  let doubt: RequestError | null = null
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (error instanceof RequestError && error.maybeApplied) doubt = error
      if (!KeeperError.is(error, 'CONNECTIONLOSS')) throw doubt ?? error
    }
  }
}
