import { DATA_DIRECTORY } from '../world/random-config.ts'
import type { Fault } from './fault.ts'

/**
 * While the server is down, bits of a log or a snapshot change. It must not serve what they have become: it refuses to
 * start, or does without that file and has everything all the same.
 */
export const bitRot: Fault = {
  name: 'bit rot',
  plan(simulation) {
    const { random, world } = simulation
    world.queue.at(simulation.someMs(), () => {
      const host = simulation.someHost()
      if (!host.serving) return
      host.crash('kill')
      world.queue.after(50, () => {
        const { memory } = host.disk
        memory.list(DATA_DIRECTORY).then((names) => {
          const name = random.pick(names)
          const path = `${DATA_DIRECTORY}/${name}`
          const { length } = memory.contents(path)
          if (length > 0) {
            // Near the start there is always something; far behind it, in a log, there may be only zeros.
            const position = random.chance(0.7) ? random.int(0, Math.min(length, 4096) - 1) : random.int(0, length - 1)
            const mask = 1 << random.int(0, 7)
            world.trace.add('fault', `${path} of ${host.name} rots at byte ${position}`)
            memory.corrupt(path, position, mask)
            simulation.rotten.push({ host, path, position, mask })
            host.acceptsRefusal = () => true
          }
          simulation.startServer(host)
        })
      })
    })
  },
}
