import type { Simulation } from '../run/simulation.ts'

/** Something that goes wrong, once or several times, in the active time of a simulation. */
export interface Fault {
  readonly name: string
  /** Decides when and how, and puts that into the queue. */
  plan(simulation: Simulation): void
}
