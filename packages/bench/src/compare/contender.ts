import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { APACHE_VERSION, apacheClassPath } from './interop.ts'
import type { Side } from './results.ts'

/** The repository's folder. */
export const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url))

/** One of the two that are compared. */
export interface Contender {
  readonly side: Side
  /** What the results call it. */
  readonly name: string
  /** A shell command that takes the path of a zoo.cfg as one more argument. */
  readonly command: string
}

/** The server of this checkout, or whatever the command runs. */
export function ours(command: string | null): Contender {
  if (command !== null) return { side: 'ours', name: command, command }
  const script = join(REPOSITORY, 'packages', 'cli', 'bin', 'vivarium.js')
  return { side: 'ours', name: 'Vivarium', command: `${quoted(process.execPath)} ${quoted(script)} server` }
}

/** Apache ZooKeeper with the heap that its own start script gives it (`zkEnv.sh`), or whatever the command runs. */
export function theirs(command: string | null): Contender {
  if (command !== null) return { side: 'theirs', name: command, command }
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
  const java = `java -Xmx1000m -Dzookeeper.admin.enableServer=false -cp ${quoted(apacheClassPath())} ${main}`
  return { side: 'theirs', name: `Apache ZooKeeper ${APACHE_VERSION}`, command: java }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
