const MULTIPLIER = 0x5deece66dn
const MASK = (1n << 48n) - 1n

/**
 * The 16 bytes that let a client take its session up again: `new Random(id ^ 0xB3415C00).nextBytes(…)`, as
 * `ZooKeeperServer.generatePasswd` makes them.
 */
export function sessionPassword(sessionId: bigint): Buffer {
  let seed = (sessionId ^ 0xb3415c00n ^ MULTIPLIER) & MASK
  const password = Buffer.alloc(16)
  for (let offset = 0; offset < 16; offset += 4) {
    seed = (seed * MULTIPLIER + 0xbn) & MASK
    password.writeUInt32LE(Number(seed >> 16n), offset)
  }
  return password
}
