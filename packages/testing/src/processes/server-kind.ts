import { fileURLToPath } from 'node:url'

/** How one implementation is started. */
export interface ServerKind {
  readonly name: string
  /**
   * The command line, given the path of a zoo.cfg. `system` are settings that Apache takes only as system properties
   * (`jute.maxbuffer`, `znode.container.checkIntervalMs`), by their full names.
   */
  command(
    configFile: string,
    system: Readonly<Record<string, string>>,
  ): { readonly file: string; readonly args: string[] }
  /** Whether `system` settings go into zoo.cfg instead. */
  readonly systemInConfig: boolean
}

/** Ours, in a process of its own. */
export const VIVARIUM: ServerKind = {
  name: 'vivarium',
  systemInConfig: true,
  command: (configFile) => {
    const command = fileURLToPath(new URL('../bin/vivarium.js', import.meta.resolve('@vivarium/cli')))
    return { file: process.execPath, args: [command, 'server', configFile] }
  },
}

/** A server started by a shell command that takes the path of a zoo.cfg as one more argument. */
export function commandKind(name: string, command: string): ServerKind {
  return {
    name,
    systemInConfig: true,
    command: (configFile) => ({ file: 'sh', args: ['-c', `exec ${command} "$0"`, configFile] }),
  }
}
