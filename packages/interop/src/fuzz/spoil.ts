import type { Prng } from '../prng.ts'

/** Numbers that are lengths, counts, versions and error codes where one would not expect them. */
export const ODD_INTS = [
  -1, -2, 0, 1, 2, 100, 101, 14, 22, 105, 106, -10, -11, 0x7f, 0xff, 0xffff, 0x10000, 0x7fffffff, -0x80000000,
]

/** Overwrites nothing, a byte, an int or a run of bytes between two offsets. */
export function spoil(random: Prng, block: Buffer, from: number, to: number): void {
  const length = to - from
  if (length <= 0) return
  switch (random.below(8)) {
    case 0:
      return
    case 1:
    case 2:
      for (let count = 1 + random.below(3); count > 0; count--) block[from + random.below(length)] = random.uint32()
      return
    case 3:
    case 4:
    case 5:
      // Fields begin at even distances from the header more often than not.
      if (length >= 4) block.writeInt32BE(random.pick(ODD_INTS), from + random.below(length - 3))
      return
    case 6:
      // Most bodies begin with a length.
      if (length >= 4) block.writeInt32BE(random.pick(ODD_INTS), from)
      return
    default:
      for (let at = from + random.below(length); at < to; at++) block[at] = random.uint32()
  }
}
