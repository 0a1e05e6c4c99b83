import type { Simulation } from '../run/simulation.ts'
import { DATA_DIRECTORY } from '../world/random-config.ts'
import type { ServerHost } from '../world/server-host.ts'
import { mendByCopying, onceSpare } from './spare.ts'

/** Some bytes of a file, and what is to become of them. */
export interface Damage {
  readonly position: number
  /** What is XORed into the bytes. */
  readonly mask: Uint8Array
}

/** Decides what happens to a file; null: nothing. */
type Damaging = (bytes: Uint8Array) => Damage | null

/**
 * While a server is down, a log or a snapshot of it is damaged. It must not serve what that has become: it refuses to start,
 * or does without that file and has everything all the same. Alone, that may be its end; a member of an ensemble is damaged
 * where the others can do without it, and copies from them.
 */
export function damageSomeFile(simulation: Simulation, text: string, damage: Damaging): void {
  const { world, isEnsemble } = simulation
  world.queue.at(simulation.someMs(), () => {
    const host = simulation.someHost()
    if (!isEnsemble) return strike(simulation, host, text, damage)
    const wanted = (): boolean => world.nowMs < simulation.activeMs
    onceSpare(simulation, host, wanted, () => strike(simulation, host, text, damage))
  })
}

function strike(simulation: Simulation, host: ServerHost, text: string, damage: Damaging): void {
  if (!host.serving) return
  const { world, random } = simulation
  host.crash('kill')
  world.queue.after(50, () => {
    const { memory } = host.disk
    const names = memory.names(DATA_DIRECTORY).filter((name) => /^(?:log|snapshot)\./.test(name))
    const path = names.length > 0 ? `${DATA_DIRECTORY}/${random.pick(names)}` : null
    const bytes = path === null ? new Uint8Array(0) : memory.contents(path)
    const done = bytes.length > 0 ? damage(bytes) : null
    if (path !== null && done !== null) {
      const { position, mask } = done
      world.trace.add('fault', `${path} of ${host.name}: ${text} at byte ${position}`)
      for (const [index, bits] of mask.entries()) {
        if (bits === 0) continue
        memory.corrupt(path, position + index, bits)
        simulation.rotten.push({ host, path, position: position + index, mask: bits })
      }
      if (simulation.isEnsemble) mendByCopying(simulation, host)
      else host.acceptsRefusal = () => true
    }
    simulation.startServer(host)
  })
}
