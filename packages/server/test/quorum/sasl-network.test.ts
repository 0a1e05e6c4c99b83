import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Socket, type SocketHandler, silentLog } from '@vivarium/env'
import { MemoryNetwork } from '@vivarium/env/memory'
import { DigestMd5Client, DigestMd5Server, QUORUM_DIGEST_MD5 } from '@vivarium/protocol'
import fc from 'fast-check'
import { encodeInitialMessage } from '../../dist/quorum/initial-message.js'
import { decodeAuthPacket, encodeAuthPacket } from '../../dist/quorum/quorum-auth-packet.js'
import { type Preamble, SaslNetwork, type SaslNetworkOptions } from '../../dist/quorum/sasl-network.js'

/** One end of a connection, with all that it was told. */
class End implements SocketHandler {
  readonly socket: Socket | null
  received = ''
  readonly over: Promise<void>
  #close: () => void = () => {}
  #wake: () => void = () => {}

  constructor(socket: Socket | null) {
    this.socket = socket
    this.over = new Promise((resolve) => {
      this.#close = resolve
    })
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    this.received += Buffer.from(bytes.subarray(start, end)).toString('latin1')
    this.#wake()
  }

  drained(): void {}

  closed(): void {
    this.#close()
  }

  async until(text: string): Promise<void> {
    while (this.received !== text) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

const USERS = new Map([['member', 'secret']])
const SELF = { user: 'member', password: 'secret' }

interface Member {
  readonly users?: ReadonlyMap<string, string>
  readonly self?: { readonly user: string; readonly password: string } | null
  readonly required?: boolean
  readonly authorizes?: SaslNetworkOptions['authorizes']
}

function options(
  { users = USERS, self = SELF, required = true, authorizes = (user, id) => user === id }: Member,
  preamble: Preamble,
): SaslNetworkOptions {
  return {
    accept: () => new DigestMd5Server(QUORUM_DIGEST_MD5, 'bm9uY2U=', (user) => users.get(user)),
    authorizes,
    call:
      self === null
        ? null
        : () => {
            const client = new DigestMd5Client(self, QUORUM_DIGEST_MD5, 'bm9uY2U=')
            return { first: () => new Uint8Array(0), respond: (token) => client.respond(token) }
          },
    required,
    preamble,
    log: silentLog,
  }
}

/** Who calls, and who is called. */
async function meet(
  caller: Member,
  called: Member,
  preamble: Preamble = 'none',
): Promise<{ socket: Socket; own: End; other: Promise<End> }> {
  const network = new MemoryNetwork()
  let arrived: (end: End) => void = () => {}
  const other = new Promise<End>((resolve) => {
    arrived = resolve
  })
  await new SaslNetwork(network.host('b'), options(called, preamble)).listen({ port: 1 }, (socket) => {
    const end = new End(socket)
    arrived(end)
    return end
  })
  const own = new End(null)
  const dial = new SaslNetwork(network.host('a'), options(caller, preamble))
  const socket = await dial.connect({ host: 'b', port: 1, timeoutMs: 1000 }, own)
  return { socket, own, other }
}

const send = (socket: Socket, text: string): boolean => socket.write(Buffer.from(text, 'latin1'), 0, text.length)

const HELLO = Buffer.from(
  encodeInitialMessage(1, [{ host: 'a', quorumPort: 1, electionPort: 2 }] as never, false),
).toString('latin1')

test('members that know the password talk, and what waited leaves in its order', async () => {
  const { socket, own, other } = await meet({}, {})
  assert.equal(send(socket, 'one '), false)
  assert.equal(socket.pendingBytes, 4)
  send(socket, 'two')
  const peer = await other
  await peer.until('one two')
  send(peer.socket as Socket, 'three')
  await own.until('three')
  socket.end()
  await peer.over
})

test('who calls waits until it has been looked up whether it is a member', async () => {
  const { socket, own, other } = await meet({}, { authorizes: async (user) => user === 'member' })
  send(socket, 'one ')
  send(socket, 'two')
  const peer = await other
  await peer.until('one two')
  send(peer.socket as Socket, 'three')
  await own.until('three')
})

test('the first message of an election goes in front, and is told once it is clear who calls', async () => {
  const { socket, other } = await meet({}, {}, 'initial message')
  send(socket, HELLO)
  send(socket, 'vote')
  await (await other).until(`${HELLO}vote`)
})

test('a connection that is ended at once is ended behind the exchange', async () => {
  const { socket, other } = await meet({}, {}, 'initial message')
  send(socket, HELLO)
  socket.end()
  const peer = await other
  await peer.until(HELLO)
  await peer.over
})

for (const [who, caller, called] of [
  ['does not know the password', { self: { user: 'member', password: 'guess' } }, {}],
  ['is not known', { self: { user: 'other', password: 'secret' } }, {}],
  ['does not authenticate', { self: null }, {}],
  ['is found to be no member', {}, { authorizes: async () => false }],
  ['takes the called one for a stranger', {}, { users: new Map([['member', 'another']]) }],
] as readonly (readonly [string, Member, Member])[]) {
  test(`who ${who} is told nothing, and tells nothing`, async () => {
    const { socket, own, other } = await meet(caller, called)
    send(socket, 'a request that is long enough')
    const peer = await other
    await Promise.all([own.over, peer.over])
    assert.deepEqual([own.received, peer.received], ['', ''])
  })
}

test('who does not authenticate is let in where that is not required', async () => {
  for (const preamble of ['none', 'initial message'] as const) {
    const { socket, other } = await meet({ self: null }, { required: false }, preamble)
    const hello = preamble === 'none' ? 'long enough' : HELLO
    send(socket, hello)
    send(socket, 'and more of it')
    await (await other).until(`${hello}and more of it`)
  }
})

test('packets have the bytes of Java', () => {
  const packet = Buffer.from(encodeAuthPacket(-1, Buffer.from('ab')))
  assert.equal(packet.toString('hex'), '5f2435013501edccffffffff000000026162')
  assert.deepEqual(decodeAuthPacket(packet, packet.length), { status: -1, token: Uint8Array.of(97, 98), length: 18 })
  assert.equal(decodeAuthPacket(packet, packet.length - 1), null)
})

test('any bytes are a packet, too few, or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, magic) => {
      if (magic) bytes.set(encodeAuthPacket(0, new Uint8Array(0)).subarray(0, Math.min(8, bytes.length)))
      const decoded = decodeAuthPacket(bytes, bytes.length)
      if (decoded !== null && typeof decoded !== 'string') assert.ok(decoded.length <= bytes.length)
    }),
  )
})
