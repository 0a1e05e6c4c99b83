import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'

/** A request as the fake server sees it. */
export interface SeenRequest {
  xid: number
  opcode: number
  body: Buffer
}

/** How the fake server answers. */
export interface Answer {
  errno?: number
  body?: Uint8Array
}

/** Bytes of a reply, with its length in front. */
export function reply(xid: number, errno = 0, body: Uint8Array = new Uint8Array(0)): Buffer {
  const bytes = Buffer.alloc(20)
  bytes.writeInt32BE(16 + body.length)
  bytes.writeInt32BE(xid, 4)
  bytes.writeInt32BE(errno, 16)
  return Buffer.concat([bytes, body])
}

/**
 * Speaks just enough of the protocol for a load: grants sessions, hands requests to `answer`, and hangs up at the end of
 * a session. What it says leaves in pieces of `pieceBytes`.
 */
export async function fakeServer(
  answer: (request: SeenRequest, socket: Socket) => Answer,
  pieceBytes = 1 << 20,
): Promise<{ port: number; close(): void }> {
  const server = createServer({ noDelay: true }, (socket) => {
    let greeted = false
    let rest = Buffer.alloc(0)
    const say = (bytes: Buffer): void => {
      for (let at = 0; at < bytes.length; at += pieceBytes) socket.write(bytes.subarray(at, at + pieceBytes))
    }
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk as Buffer])
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE()) {
        const frame = rest.subarray(4, 4 + rest.readInt32BE())
        rest = rest.subarray(4 + frame.length)
        if (!greeted) {
          greeted = true
          const granted = Buffer.alloc(41)
          granted.writeInt32BE(37)
          granted.writeInt32BE(30_000, 8)
          say(granted)
          continue
        }
        const xid = frame.readInt32BE(0)
        const opcode = frame.readInt32BE(4)
        if (opcode === -11) {
          say(reply(xid))
          socket.end()
          continue
        }
        const { errno, body } = answer({ xid, opcode, body: frame.subarray(8) }, socket)
        say(reply(xid, errno, body))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}
