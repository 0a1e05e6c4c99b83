import { type Way, Wire } from './wire.ts'

/**
 * How some clients reach the servers: a wire to each. Clients that use one link share its fate; others have links of their
 * own.
 *
 * @example
 * const link = await ensemble.newLink()
 * const zk = await ZooKeeper.connect(link.connectString)
 * link.to(1).block() // This client hears no more of server 1.
 */
export class Link implements AsyncDisposable {
  readonly #wires: ReadonlyMap<number, Wire>

  private constructor(wires: ReadonlyMap<number, Wire>) {
    this.#wires = wires
  }

  /** @param ports where the servers listen for clients on this machine, by their ids */
  static async start(ports: ReadonlyMap<number, number>): Promise<Link> {
    const wires = [...ports].map(async ([sid, port]) => [sid, await Wire.start(port)] as const)
    return new Link(new Map(await Promise.all(wires)))
  }

  /** What a client on this link connects to. */
  get connectString(): string {
    return [...this.#wires.values()].map(({ port }) => `127.0.0.1:${port}`).join(',')
  }

  /** The wire to one server. */
  to(sid: number): Wire {
    const wire = this.#wires.get(sid)
    if (wire === undefined) throw new RangeError(`there is no server ${sid}`)
    return wire
  }

  /** Calls `listener` when bytes have come to one of the wires, before they go on or are held up. */
  onBytes(listener: ((way: Exclude<Way, 'both'>) => void) | null): void {
    for (const wire of this.#wires.values()) wire.onBytes = listener
  }

  /** Ends all connections; new ones can be made. */
  cut(): void {
    for (const wire of this.#wires.values()) wire.cut()
  }

  /** Ends all connections, and every new one as it comes. */
  refuse(): void {
    for (const wire of this.#wires.values()) wire.refuse()
  }

  /** A black hole: connections stand and nothing arrives, until {@link heal}. */
  block(way?: Way): void {
    for (const wire of this.#wires.values()) wire.block(way)
  }

  /** Everything takes so many milliseconds longer. */
  delay(ms: number, way?: Way): void {
    for (const wire of this.#wires.values()) wire.delay(ms, way)
  }

  /** All is well again. */
  heal(): void {
    for (const wire of this.#wires.values()) wire.heal()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#wires.values()].map((wire) => wire.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
