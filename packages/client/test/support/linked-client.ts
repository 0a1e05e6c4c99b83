import { Link } from '@vivarium/testing'
import { RequestError, ZooKeeper, type ZooKeeperOptions } from '../../dist/index.js'

/** How often the connections of clients are cut, whatever the test does: in milliseconds, on average; 0: never. */
const CUTS_MS = Number(process.env.VIVARIUM_TEST_CUTS_MS ?? 0)

/** For the `skip` of a test that is about one connection, and cannot pass where it does not last: why. */
export const underCuts = (why: string): string | false => CUTS_MS > 0 && why

/** A client, and the link between it and the servers. */
export interface LinkedClient {
  readonly zk: ZooKeeper
  readonly link: Link
  close(): Promise<void>
}

/** Connects a client through a link of its own: which is cut all the time, if that is asked for. */
export async function linkedClient(
  ports: ReadonlyMap<number, number>,
  chroot: string,
  options: ZooKeeperOptions = {},
): Promise<LinkedClient> {
  const link = await Link.start(ports)
  const zk = await ZooKeeper.connect(link.connectString + chroot, options)
  if (CUTS_MS > 0) markDoubtOfTests(zk)
  const cuts = CUTS_MS === 0 ? undefined : setInterval(() => link.cut(), CUTS_MS * (0.5 + Math.random()))
  const close = async (): Promise<void> => {
    clearInterval(cuts)
    await zk.close()
    await link.close()
  }
  return { zk, link, close }
}

/** Writes that a test makes itself, and not a recipe, say so if they are in doubt: where connections are cut, they may be. */
function markDoubtOfTests(zk: ZooKeeper): void {
  for (const operation of ['create', 'delete', 'setData', 'setACL', 'multi'] as const) {
    const real = zk[operation].bind(zk) as (...args: unknown[]) => Promise<unknown>
    const marking = (...args: unknown[]): Promise<unknown> => {
      const isTests = new Error().stack?.split('\n')[2]?.includes('dist-test') === true
      const outcome = real(...args)
      return isTests ? outcome.catch(mark) : outcome
    }
    Object.assign(zk, { [operation]: marking })
  }
}

function mark(error: unknown): never {
  if (error instanceof RequestError && error.maybeApplied) error.message = `asked by the test: ${error.message}`
  throw error
}
