import type { FourLetterWord } from '@vivarium/protocol'
import type { Chunks } from './text-reply.ts'
import type { AdminView } from './view.ts'

/** One four-letter word. */
export interface Command {
  /** As the whitelist has it. */
  readonly word: FourLetterWord | 'telnet close'
  /** Bytes that follow the word. */
  readonly argumentBytes: number
  /** Whether it is answered before the server serves, too. */
  readonly always: boolean
  /** The reply, in parts of a line or a few. `argument` has `argumentBytes` bytes. */
  run(view: AdminView, argument: Uint8Array): Chunks
}

/** What every other command says of a server that does not serve (AbstractFourLetterCommand). */
export const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests'

/** Fills in what most commands have in common. */
export const command = (
  word: Command['word'],
  run: Command['run'],
  options: Partial<Pick<Command, 'argumentBytes' | 'always'>> = {},
): Command => ({ word, run, argumentBytes: options.argumentBytes ?? 0, always: options.always ?? false })
