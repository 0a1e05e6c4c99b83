import type { Fault } from './fault.ts'

const HOUR_MS = 3_600_000

/** The wall clock of the server's machine is set, by milliseconds or by hours, forwards or back. */
export const wallClockJump: Fault = {
  name: 'wall clock jump',
  plan(simulation) {
    const { random, world } = simulation
    const host = random.pick(simulation.hosts)
    const firstMs = host.wall.offsetMs
    for (let times = random.int(1, 4); times > 0; times--) {
      const jumpMs = random.pick([-1, 1]) * random.pick([random.int(1, 1000), random.int(1, 20) * HOUR_MS])
      world.queue.at(simulation.someMs(), () => {
        world.trace.add('fault', `the wall clock of ${host.name} jumps by ${jumpMs} ms`)
        host.wall.offsetMs += jumpMs
      })
    }
    if (!random.chance(0.3)) return
    // A machine whose clock has no battery shows the same time whenever it starts.
    let at = simulation.someMs()
    for (let times = random.int(1, 6); times > 0; times--) {
      world.queue.at(at, () => {
        simulation.crash(host, 'lost', 100)
        world.trace.add('fault', `the wall clock of ${host.name} shows what it showed at the first start`)
        host.wall.offsetMs = firstMs - world.nowMs - 100
      })
      at += random.between(300, 900)
    }
  },
}
