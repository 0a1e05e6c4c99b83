import { PacketType } from '@vivarium/protocol'
import type { Prng } from '../../prng.ts'
import type { Greeting } from './attack.ts'
import { electionHello, epochZxid, intData, learnerInfo, packet } from './packets.ts'

/** A voter of the configuration that does not run, one that observes, and one that runs. */
export interface Identities {
  readonly voter: bigint
  readonly observer: bigint
  readonly running: bigint
}

function unknownSid(random: Prng): bigint {
  return BigInt(100 + random.below(1_000_000))
}

/** A connection for the election, mostly of somebody who may be there. */
export function electionGreeting(random: Prng, { voter, observer, running }: Identities): Greeting {
  return async (socket) => {
    const unknown = unknownSid(random)
    const sid = random.weighted([
      [8, voter],
      [2, observer],
      [4, unknown],
      [1, running],
      [1, -1n],
      [1, 2n ** 63n - 1n],
    ])
    const hello = electionHello(sid, random.oneIn(4) ? 'nowhere' : '127.0.0.1:1')
    if (random.oneIn(8)) hello[random.below(hello.length)] = random.uint32()
    socket.write(hello)
  }
}

/** A learner's connection, through to where it is synchronized; now and then it lies before. */
export function learnerGreeting(random: Prng, { voter, observer, running }: Identities): Greeting {
  return async (socket, received) => {
    const lies = random.oneIn(4)
    const unknown = unknownSid(random)
    const [type, sid] = random.pick([
      [PacketType.FOLLOWERINFO, voter],
      [PacketType.OBSERVERINFO, observer],
      [PacketType.FOLLOWERINFO, unknown],
      [PacketType.OBSERVERINFO, unknown],
    ] as const)
    if (lies && random.oneIn(2)) {
      const words = [
        learnerInfo(type, running, 0),
        learnerInfo(type, sid, 2 ** 30),
        learnerInfo(type, sid, 0, 1),
        packet(random.below(24), 0n, random.bytes(random.below(40))),
      ]
      socket.write(random.pick(words))
      await received.take(1)
    }
    socket.write(learnerInfo(type, sid, 0))
    const epoch = Number((await received.take(24)).readBigInt64BE(4) >> 32n)
    const lie = packet(
      PacketType.ACKEPOCH,
      epochZxid(epoch + random.below(3)) + 1n,
      intData(random.pick([epoch + 1, -5, 7])),
    )
    socket.write(lies ? lie : packet(PacketType.ACKEPOCH, 0n, intData(0)))
    await received.take(4)
    socket.write(packet(PacketType.ACK, epochZxid(lies ? random.below(1000) : epoch)))
  }
}
