import { findCommand, runCommand } from '../admin/four-letter-words.ts'
import { TextReply } from '../admin/text-reply.ts'
import type { AdminView } from '../admin/view.ts'
import type { FourLetterWords } from '../clients/clients.ts'

/** Answers the four-letter words that come where a connect request might. */
export function fourLetterReplies(view: AdminView, soon: (run: () => void) => void): FourLetterWords {
  return (connection, code, bytes, at, end) => {
    const command = findCommand(code)
    if (command === undefined) return 0
    // Who may not use a word is told so at once, whether or not the rest of it ever comes.
    const length = 4 + (view.whitelist.allows(command.word) ? command.argumentBytes : 0)
    if (end - at < length) return -1
    const argument = bytes.slice(at + 4, at + length)
    const { socket } = connection
    const sink = {
      write: (part: Uint8Array) => {
        connection.packetSent()
        return socket.write(part, 0, part.length)
      },
      end: () => connection.closeAfterFlush(`${command.word} has been answered`),
    }
    // Counted first: srst forgets it again, as in Java.
    connection.packetReceived()
    const reply = new TextReply(runCommand(command, view, argument), sink, soon)
    connection.answerText(reply)
    reply.drained()
    return length
  }
}
