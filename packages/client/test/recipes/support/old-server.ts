import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { TestContext } from 'node:test'
import { OpCode } from '@vivarium/protocol'

/** An operation that no server knows. */
const UNKNOWN = 9999

/**
 * A proxy before a server that makes it look like one from before 3.6: what is asked of it with addWatch is answered with
 * UNIMPLEMENTED. Returns its address.
 */
export async function withoutAddWatch(t: TestContext, port: number): Promise<string> {
  const proxy = createServer({ noDelay: true }, (socket) => {
    const onward = connect({ host: '127.0.0.1', port, noDelay: true })
    let pending = Buffer.alloc(0)
    let isFirst = true // The first frame is the handshake, which has no operation.
    socket.on('data', (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes])
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const frame = pending.subarray(0, 4 + pending.readInt32BE(0))
        pending = pending.subarray(frame.length)
        if (!isFirst && frame.readInt32BE(8) === OpCode.addWatch) frame.writeInt32BE(UNKNOWN, 8)
        isFirst = false
        onward.write(frame)
      }
    })
    onward.pipe(socket)
    for (const one of [socket, onward]) {
      one.on('error', () => {})
      one.on('close', () => {
        socket.destroy()
        onward.destroy()
      })
    }
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.after(() => void proxy.close())
  return `127.0.0.1:${(proxy.address() as AddressInfo).port}`
}
