import type { Fault } from './fault.ts'

/** The server process stands still (SIGSTOP, a swapped-out machine): all its timers are late, all its input is old. */
export const processPause: Fault = {
  name: 'process pause',
  plan(simulation) {
    const { random, world } = simulation
    for (let times = random.int(1, 3); times > 0; times--) {
      const longestMs = random.pick([random.between(10, 300), random.between(300, 6000)])
      world.queue.at(simulation.someMs(), () => {
        const host = simulation.someHost()
        if (host.process === null) return
        const ms = Math.min(longestMs, simulation.activeMs - world.nowMs)
        simulation.disturbing(`${host.name} stands still for ${Math.round(ms)} ms`, ms, () => {
          host.process?.pause(ms)
          return () => {}
        })
      })
    }
  },
}
