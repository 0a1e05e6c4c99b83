/** One digest in so many is kept, and so many of them (DataTree.DIGEST_LOG_INTERVAL, DIGEST_LOG_LIMIT). */
const INTERVAL = 128
const LIMIT = 1024

/** The digest of the tree at every 128th zxid: what `hash` shows, to compare servers with one another. */
export class DigestHistory {
  readonly entries: { readonly zxid: number; readonly high: number; readonly low: number }[] = []

  applied(zxid: number, high: number, low: number): void {
    // A zxid is beyond 32 bits, but its counter is the low half, and 2^32 is a multiple of 128.
    if (zxid % INTERVAL !== 0) return
    this.entries.push({ zxid, high, low })
    if (this.entries.length > LIMIT) this.entries.shift()
  }
}
