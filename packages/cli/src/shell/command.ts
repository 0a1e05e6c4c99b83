import type { Watcher, ZooKeeper } from '@vivarium/client'
import { CliError } from './failure.ts'
import type { Arguments, OptionTable } from './options.ts'
import type { Shell } from './shell.ts'

/** A command of the shell. */
export interface Command {
  readonly name: string
  /** What stands behind the name in the list of commands. */
  readonly usage: string
  readonly options?: OptionTable
  /** Whether the words are taken as they stand, as zkCli does for some commands: none of them is an option. */
  readonly verbatim?: boolean
  /** What the options mean, for the usage of commands that explain them. */
  readonly help?: string
  /** How many words there have to be that are no options. Default: none. */
  readonly atLeast?: number
  readonly atMost?: number
  /** What a person reads who asks what the command does; there for commands that zkCli does not have. */
  readonly summary?: string
  /** Whether it works without a session. */
  readonly offline?: boolean
  run(call: Call): Promise<void> | void
}

/** One run of a command. */
export interface Call {
  readonly shell: Shell
  readonly zk: ZooKeeper
  readonly args: Arguments
  /** Words that are no options; there are at least as many as the command asks for. */
  readonly words: readonly string[]
  /** Tells of changes, where the command was asked to watch. */
  readonly watcher: Watcher
  /** Aborts when the user interrupts the command. */
  readonly signal: AbortSignal
  /** Prints a result: the text for people, or the value for programs that asked for JSON. */
  print(text: string, value: unknown): void
  /** A line on standard error. */
  warn(line: string): void
}

export const usageOf = ({ name, usage, help }: Command): string =>
  `${name} ${usage}${help === undefined ? '' : `\n${help}`}`

export const usageError = (command: Command): CliError => new CliError(usageOf(command))
