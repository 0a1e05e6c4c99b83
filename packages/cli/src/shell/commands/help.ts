import { type Command, usageOf } from '../command.ts'
import { CliError } from '../failure.ts'

/** What there is, or how one command is used. */
export const helpFor = (commands: () => readonly Command[]): Command => ({
  name: 'help',
  usage: '[command]',
  summary: 'lists the commands, or says how one is used',
  offline: true,
  run({ words: [name], print }) {
    const chosen = commands().filter((command) => name === undefined || command.name === name)
    if (chosen.length === 0) throw new CliError(`There is no command ${name}.`)
    const line = (command: Command): string =>
      `${usageOf(command).trimEnd()}${command.summary === undefined ? '' : `\n    ${command.summary}`}`
    print(
      chosen.map(line).join('\n'),
      chosen.map((command) => ({ name: command.name, usage: command.usage, summary: command.summary ?? null })),
    )
  },
})
