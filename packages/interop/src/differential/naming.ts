/**
 * Turns what may differ between two servers (zxids, session ids, times) into names that may not: a zxid is counted from
 * where the script began, a session is the n-th that the script opened, and a time only has to belong to its zxid.
 */
export class Naming {
  /** The highest zxid seen in a reply header. */
  lastZxid = 0n
  readonly #base: bigint
  readonly #sessions = new Map<bigint, string>()
  readonly #times = new Map<bigint, bigint>()
  readonly #earliest: bigint

  /** @param base the server's last zxid when the script begins */
  constructor(base: bigint) {
    this.#base = base
    this.lastZxid = base
    this.#earliest = BigInt(Date.now() - 60_000)
  }

  seen(zxid: bigint): void {
    if (zxid > this.lastZxid) this.lastZxid = zxid
  }

  zxid(zxid: bigint): string {
    return zxid <= 0n ? String(zxid) : `z+${zxid - this.#base}`
  }

  /** Names a session when it is first seen. */
  session(id: bigint): string {
    let name = this.#sessions.get(id)
    if (name === undefined) {
      name = `session ${this.#sessions.size + 1}`
      this.#sessions.set(id, name)
    }
    return name
  }

  owner(id: bigint): string {
    return id === 0n ? '0' : (this.#sessions.get(id) ?? `0x${BigInt.asUintN(64, id).toString(16)}`)
  }

  /** `ok` when the time is the one that every znode changed by this zxid shows, and lies within this run. */
  time(zxid: bigint, time: bigint): string {
    if (zxid <= 0n) return String(time)
    const known = this.#times.get(zxid)
    if (known === undefined) this.#times.set(zxid, time)
    if (known !== undefined && known !== time) return `${time}, not ${known} as elsewhere for its zxid`
    return time >= this.#earliest && time <= BigInt(Date.now() + 60_000) ? 'ok' : `${time}, which is not now`
  }
}
