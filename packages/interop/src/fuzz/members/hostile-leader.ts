import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { PacketType } from '@vivarium/protocol'
import { ByteWriter } from '../../bytes.ts'
import type { Prng } from '../../prng.ts'
import { ReceivedBytes, type Tally } from './attack.ts'
import { electionHello, epochZxid, intData, notification, PeerState, packet } from './packets.ts'

const LEADER = 3n
const FOLLOWER = 2n
/** So far lies may push the epoch, which the server writes down: there are only so many. */
const LAST_EPOCH = 2 ** 20
const MOST_NONSENSE = 40

export interface HostilePorts {
  /** Of the server that is attacked, which has the id 1. */
  readonly election: number
  /** Of the members 2 and 3, which are played here. */
  readonly elections: readonly [number, number]
  readonly quorum: number
}

/**
 * Plays two members of three, of which one leads, and lies to the third, which follows: in the discovery of the epoch, in the
 * synchronization, in the broadcast.
 */
export class HostileLeader {
  readonly #random: Prng
  readonly #ports: HostilePorts
  readonly #tally: Tally
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  #epoch = 1
  #over = false

  constructor(random: Prng, ports: HostilePorts, tally: Tally) {
    this.#random = random
    this.#ports = ports
    this.#tally = tally
  }

  async start(): Promise<void> {
    const { elections, quorum } = this.#ports
    for (const port of elections) await this.#listen(port, () => {})
    await this.#listen(quorum, (socket) => {
      const received = new ReceivedBytes(socket)
      this.#lead(socket, received)
        .catch(() => 1)
        .then((frames) => {
          this.#tally.frames += frames ?? 1
          this.#tally.connections++
          socket.end()
        })
    })
    this.#vote(FOLLOWER, PeerState.FOLLOWING)
    this.#vote(LEADER, PeerState.LEADING)
  }

  close(): void {
    this.#over = true
    for (const server of this.#servers) server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  async #listen(port: number, accept: (socket: Socket) => void): Promise<void> {
    const server = createServer((socket) => {
      this.#keep(socket)
      accept(socket)
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    this.#servers.push(server)
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
  }

  /** Answers whatever the server says by a vote for the hostile leader. */
  #vote(sid: bigint, state: number): void {
    if (this.#over) return
    const socket = connect({ port: this.#ports.election, host: '127.0.0.1', noDelay: true })
    this.#keep(socket)
    const vote = { state, leader: LEADER, zxid: 0n, electionEpoch: 1n, peerEpoch: 1n, config: '' }
    socket.on('connect', () => socket.write(electionHello(sid, '127.0.0.1:1')))
    socket.on('data', () => socket.write(notification(vote)))
    socket.on('close', () => setTimeout(() => this.#vote(sid, state), 20))
  }

  /** Returns how many of its packets the follower has surely read, besides the one that was too much for it. */
  async #lead(socket: Socket, received: ReceivedBytes): Promise<number> {
    const random = this.#random
    const stage = random.below(4)
    const lie = (): Buffer => {
      const zxid = random.pick([0n, 1n, -1n, epochZxid(this.#epoch), epochZxid(this.#epoch + 1) + 5n, 2n ** 62n])
      return packet(random.below(21), zxid, random.oneIn(3) ? null : random.bytes(random.below(80)))
    }
    await received.take(16)
    if (stage === 0) {
      socket.write(
        random.oneIn(2) ? lie() : packet(PacketType.LEADERINFO, epochZxid(random.below(3)), intData(0x10000)),
      )
      return 1
    }
    if (random.oneIn(20) && this.#epoch < LAST_EPOCH) this.#epoch += 1 + random.below(3)
    socket.write(packet(PacketType.LEADERINFO, epochZxid(this.#epoch), intData(0x10000)))
    // The rest of its FOLLOWERINFO, and ACKEPOCH.
    await received.take(24 + 24)
    if (stage === 1) {
      const openings = [
        lie,
        () => packet(PacketType.TRUNC, epochZxid(this.#epoch) + 77n),
        () => Buffer.concat([packet(PacketType.SNAP, 0n), random.bytes(500)]),
        () => Buffer.concat([packet(PacketType.SNAP, -7n), random.bytes(5)]),
      ]
      socket.write(random.pick(openings)())
      return 2
    }
    socket.write(packet(PacketType.DIFF, 0n))
    if (stage === 2) {
      socket.write(Buffer.concat(Array.from({ length: 1 + random.below(5) }, lie)))
      return 3
    }
    socket.write(packet(PacketType.NEWLEADER, epochZxid(this.#epoch)))
    await received.take(20)
    socket.write(packet(PacketType.UPTODATE, -1n))
    await received.take(20)
    const count = random.below(MOST_NONSENSE)
    const ignored = Array.from({ length: count }, () => this.#ignored())
    socket.write(Buffer.concat([...ignored, lie(), random.oneIn(2) ? packet(PacketType.COMMIT, 12n) : lie()]))
    // All but the last are such that a follower goes on.
    await received.take(1).catch(() => {})
    return 4 + count
  }

  /** What a follower passes over. */
  #ignored(): Buffer {
    const random = this.#random
    const validity = new ByteWriter().long(BigInt(random.uint32())).bool(true).take()
    return random.pick([
      packet(PacketType.PING, BigInt(random.uint32())),
      packet(PacketType.SYNC, 0n),
      packet(PacketType.REVALIDATE, -1n, validity),
      packet(PacketType.INFORM, BigInt(random.uint32()), random.bytes(30)),
      packet(PacketType.NEWLEADER, 0n),
    ])
  }
}
