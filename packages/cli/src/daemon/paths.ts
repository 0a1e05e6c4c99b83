import { existsSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'

/** The environment variables of zkServer.sh that have a meaning here. */
export interface DaemonEnvironment {
  readonly ZOOCFGDIR?: string | undefined
  readonly ZOOCFG?: string | undefined
  readonly ZOOPIDFILE?: string | undefined
  readonly ZOO_LOG_DIR?: string | undefined
  readonly ZOO_DATADIR_AUTOCREATE_DISABLE?: string | undefined
}

/**
 * The configuration that a verb is about: the file that is named, in the directory of `--config` or ZOOCFGDIR if it is not
 * here; without a name ZOOCFG or `zoo.cfg` of that directory. Undefined: none, which is a server to try things out.
 */
export function configPath(
  named: string | undefined,
  directory: string | undefined,
  { ZOOCFGDIR, ZOOCFG }: DaemonEnvironment,
  exists: (path: string) => boolean = existsSync,
): string | undefined {
  const folder = directory ?? nonEmpty(ZOOCFGDIR)
  const name = named ?? nonEmpty(ZOOCFG)
  if (name === undefined) return folder === undefined ? undefined : join(folder, 'zoo.cfg')
  if (folder === undefined || exists(name)) return name
  return join(folder, name)
}

/** Where the number of the process is kept: ZOOPIDFILE, or a file of Apache's name in the data directory. */
export const pidFile = (dataDir: string, { ZOOPIDFILE }: DaemonEnvironment): string =>
  nonEmpty(ZOOPIDFILE) ?? join(dataDir, 'zookeeper_server.pid')

/** Where the log of a server in the background goes: below ZOO_LOG_DIR, or in the data directory. */
export const outputFile = (dataDir: string, { ZOO_LOG_DIR }: DaemonEnvironment): string =>
  join(nonEmpty(ZOO_LOG_DIR) ?? dataDir, `zookeeper-${userName()}-server-${hostname()}.out`)

/** A user id need not have a name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text)
