import { digestId } from '@vivarium/protocol'
import { startEnsemble, type TestEnsemble } from '@vivarium/testing'
import { CONFIG, type Lab, type LabServer, SIZE, SUPER, type Undo } from './lab.ts'

/** Where there may be no namespaces: servers of the testing kit, and its wires between them. No disk is full here. */
export class Proxies implements Lab {
  readonly name = "the testing kit's proxies"
  readonly servers: readonly LabServer[]
  readonly #ensemble: TestEnsemble
  /** What is silent now, by `from to`, and how often. */
  readonly #silences: (readonly [from: number, to: number])[] = []

  private constructor(ensemble: TestEnsemble) {
    this.#ensemble = ensemble
    this.servers = ensemble.members.map(({ sid, port, directory }) => ({ sid, host: '127.0.0.1', port, directory }))
  }

  static async start(): Promise<Proxies> {
    const config = { ...CONFIG, 'DigestAuthenticationProvider.superDigest': digestId(SUPER) }
    return new Proxies(await startEnsemble(SIZE, { separate: true, config }))
  }

  isRunning(sid: number): boolean {
    return this.#ensemble.member(sid).isRunning
  }

  start(sid: number): Promise<void> {
    return this.#ensemble.member(sid).start()
  }

  kill(sid: number): Promise<void> {
    return this.#ensemble.member(sid).kill()
  }

  stop(sid: number): Promise<void> {
    return this.#ensemble.member(sid).stop()
  }

  pause(sid: number): Undo {
    const member = this.#ensemble.member(sid)
    if (!member.isRunning) return () => {}
    member.pause()
    return () => member.resume()
  }

  unplug(sid: number): Undo {
    const undos = this.servers
      .filter((other) => other.sid !== sid)
      .flatMap((other) => [this.silence(sid, other.sid), this.silence(other.sid, sid)])
    return () => {
      for (const undo of undos) void undo()
    }
  }

  silence(from: number, to: number): Undo {
    const silence = [from, to] as const
    this.#silences.push(silence)
    this.#ensemble.silence(from, to)
    return () => {
      this.#silences.splice(this.#silences.indexOf(silence), 1)
      // The kit heals all at once.
      this.#ensemble.heal()
      for (const [one, other] of this.#silences) this.#ensemble.silence(one, other)
    }
  }

  fill(): null {
    return null
  }

  close(): Promise<void> {
    return this.#ensemble.close()
  }
}
