/** The first few have so much data that it is hardly ever copied without being changed meanwhile. */
export const LARGE = 5

/** What a znode of the seqlock test has in a version: of a length that now fits its block, now needs another one. */
export function expectedData(path: string, version: number): Uint8Array {
  const large = /^\/n[0-4]$/.test(path) ? 530_000 : 0
  return new Uint8Array(large + ((version * 37) % 1500)).fill(version)
}

/** Every fourth one has an owner; nobody's are not extended until they are changed. */
export function expectedOwner(path: string): bigint {
  return /^\/n\d*[048]$/.test(path) ? 0x1234_5678_9abcn : 0n
}
