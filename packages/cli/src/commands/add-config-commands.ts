import type { Command } from 'commander'

/** `config` alone is zkCli's, about the ensemble; these two are about a file. */
export const CONFIG_WORDS: ReadonlySet<string> = new Set(['explain', 'check'])

interface ConfigFlags {
  readonly define: string[]
  readonly key: string[]
  readonly all: boolean
  readonly json: boolean
}

export function addConfigCommands(program: Command, setExitCode: (code: number) => void): void {
  const config = program.command('config').description('what a zoo.cfg means, and whether a server can start')
  const add = (name: string, description: string, run: 'explainConfig' | 'checkConfig'): void => {
    config
      .command(name)
      .description(description)
      .argument('[config...]', 'zoo.cfg, or: port datadir [ticktime] [maxcnxns]')
      .option(
        '-D, --define <key=value>',
        'set a configuration key, over whatever else says so (repeatable)',
        collect,
        [],
      )
      .option('-k, --key <key>', 'only this key (repeatable)', collect, [])
      .option('--all', 'keys that nobody set, too', false)
      .option('--json', 'for programs', false)
      .action(async (positional: string[], { define: definitions, key: keys, all, json }: ConfigFlags) => {
        const commands = await import('./config.ts')
        setExitCode(await commands[run]({ positional, definitions, keys, all, json }))
      })
  }
  add('explain', 'tell of each key its value, where it comes from, its default and what it is for', 'explainConfig')
  add('check', 'look for what would keep a server from starting', 'checkConfig')
}

const collect = (value: string, values: readonly string[]): string[] => [...values, value]
