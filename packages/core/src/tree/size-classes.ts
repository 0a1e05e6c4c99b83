/** Blocks are counted in units of 8 bytes: a 32-bit handle then reaches 32 GiB. */
export const UNIT_SHIFT = 3

/** The largest block that shares a chunk with others, in bytes. */
export const LARGEST_CLASS_BYTES = 1 << 20

/** Classes up to this many bytes live in pages, larger ones in chunks of their own kind. */
export const LARGEST_PAGED_BYTES = 8192

/**
 * The size class of a block of `bytes` bytes (1 to {@link LARGEST_CLASS_BYTES}).
 *
 * Up to 64 bytes there is a class for each 8; from there on eight for each doubling, so that at most an eighth of a
 * block goes unused.
 */
export function sizeClassOf(bytes: number): number {
  const units = (bytes + 7) >>> UNIT_SHIFT
  if (units <= 8) return units - 1
  // The top four bits of (units - 1): the leading one says the doubling, the next three the step inside it.
  const shift = 28 - Math.clz32(units - 1)
  return shift * 8 + ((units - 1) >>> shift)
}

/** The block size of a class in units of 8 bytes. */
export function unitsOfClass(sizeClass: number): number {
  if (sizeClass < 8) return sizeClass + 1
  const shift = (sizeClass >>> 3) - 1
  return ((sizeClass & 7) + 9) << shift
}

/** How many classes there are. */
export const SIZE_CLASSES = sizeClassOf(LARGEST_CLASS_BYTES) + 1
