import { ClosedError, KeeperError, type Session, ZooKeeper } from '@vivarium/client'
import { sessionPassword } from '@vivarium/protocol'
import { modeOf } from '../four-letter-word.ts'

/** Whose session it is: a client's present one, a session, or its id. */
export type WhichSession = ZooKeeper | Pick<Session, 'id'> | bigint

/** How long one attempt at the servers may take. */
const PATIENCE_MS = 30_000

/**
 * Ends a session as its expiry does: its ephemeral znodes go, and its client is told SESSIONEXPIRED when it asks next. The
 * kit takes the session up itself and closes it: every ZooKeeper server makes the password of a session from its id.
 *
 * Resolves once the session is gone; given a client, once that knows.
 *
 * @param servers a connect string: of this machine, and past all links, so that a client that is cut off loses its session,
 * too
 */
export async function expireSession(servers: string, which: WhichSession): Promise<void> {
  const session = which instanceof ZooKeeper ? which.session : null
  if (which instanceof ZooKeeper && session === null) throw new Error('the client has no session')
  const told = session === null ? null : over(session)
  await endSession(servers, typeof which === 'bigint' ? which : (session ?? (which as Pick<Session, 'id'>)).id)
  await told
}

async function endSession(connectString: string, id: bigint): Promise<void> {
  const servers = await leaderAmong(connectString)
  const session = { id, password: sessionPassword(id) }
  // Its client may take the session back between our greeting and our farewell; then it is taken once more.
  for (;;) {
    try {
      const twin = await ZooKeeper.connect(servers, { session, renewSession: false, connectTimeoutMs: PATIENCE_MS })
      await twin.close()
    } catch (error) {
      if (error instanceof ClosedError && KeeperError.is(error.cause, 'SESSIONEXPIRED')) return
      throw error
    }
  }
}

/** The leader learns of everything at once, and lets go of a client that it has itself. All servers, if none leads. */
async function leaderAmong(connectString: string): Promise<string> {
  const servers = connectString.replace(/\/.*/, '').split(',')
  const modes = await Promise.all(servers.map((server) => modeOf(Number(server.split(':')[1]))))
  return servers[modes.indexOf('leader')] ?? connectString
}

function over({ signal }: Session): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
