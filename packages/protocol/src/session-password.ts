const SUPER_SECRET = 0xb3415c00n
const MULTIPLIER = 0x5deece66dn
const ADDEND = 0xbn
const MASK = (1n << 48n) - 1n

/**
 * The password of a session: sixteen bytes that every server of an ensemble can work out, so that a client can move
 * between them, Java's included. They are `new Random(id ^ 0xB3415C00).nextBytes(16)` (ZooKeeperServer.generatePasswd),
 * java.util.Random being a 48-bit linear congruential generator whose upper 32 bits come out lowest byte first.
 *
 * @param id the session id, signed
 */
export function sessionPassword(id: bigint): Uint8Array {
  const password = new Uint8Array(16)
  let seed = (id ^ SUPER_SECRET ^ MULTIPLIER) & MASK
  for (let i = 0; i < password.length; i += 4) {
    seed = (seed * MULTIPLIER + ADDEND) & MASK
    const drawn = Number(seed >> 16n)
    password[i] = drawn
    password[i + 1] = drawn >>> 8
    password[i + 2] = drawn >>> 16
    password[i + 3] = drawn >>> 24
  }
  return password
}
