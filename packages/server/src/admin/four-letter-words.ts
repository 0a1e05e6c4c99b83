import { fourLetterWord, TELNET_CLOSE } from '@vivarium/protocol'
import { type Command, NOT_SERVING } from './command.ts'
import { conf } from './commands/conf.ts'
import { cons } from './commands/cons.ts'
import { crst } from './commands/crst.ts'
import { dirs } from './commands/dirs.ts'
import { dump } from './commands/dump.ts'
import { envi } from './commands/envi.ts'
import { gtmk } from './commands/gtmk.ts'
import { hash } from './commands/hash.ts'
import { isro } from './commands/isro.ts'
import { mntr } from './commands/mntr.ts'
import { ruok } from './commands/ruok.ts'
import { srst } from './commands/srst.ts'
import { srvr } from './commands/srvr.ts'
import { stat } from './commands/stat.ts'
import { stmk } from './commands/stmk.ts'
import { telnetClose } from './commands/telnet-close.ts'
import { wchc } from './commands/wchc.ts'
import { wchp } from './commands/wchp.ts'
import { wchs } from './commands/wchs.ts'
import type { Chunks } from './text-reply.ts'
import type { AdminView } from './view.ts'

const commands = {
  conf,
  cons,
  crst,
  dirs,
  dump,
  envi,
  gtmk,
  hash,
  isro,
  mntr,
  ruok,
  srst,
  srvr,
  stat,
  stmk,
  wchc,
  wchp,
  wchs,
} satisfies Record<string, Command>

/** The command that the first four bytes of a connection are, as a 32-bit integer; undefined when they are none. */
export function findCommand(code: number): Command | undefined {
  if ((code | 0) === TELNET_CLOSE) return telnetClose
  const word = fourLetterWord(code | 0)
  return word === undefined ? undefined : commands[word]
}

/**
 * What the server answers to a command; the connection is closed after it.
 *
 * @param argument the `command.argumentBytes` bytes behind the word
 */
export function runCommand(command: Command, view: AdminView, argument: Uint8Array): Chunks {
  if (!view.whitelist.allows(command.word)) {
    return [`${command.word} is not executed because it is not in the whitelist.\n`]
  }
  // Java ends this line with a newline, except for hash (DigestCommand).
  if (!command.always && !view.serving) return [command.word === 'hash' ? NOT_SERVING : `${NOT_SERVING}\n`]
  return command.run(view, argument)
}
