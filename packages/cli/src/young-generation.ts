import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/**
 * Keeps the part of the heap in which objects begin near `mostBytes`, where it would grow to 32 MiB and more. While V8 clears
 * it nothing is answered: the less there is to clear, the shorter the pauses. Connections are what it has most trouble with,
 * since much of a `net.Socket` survives its end. One thread clears so little in less time than it takes to wake others, which
 * members on the same machine feel most.
 *
 * Nor does V8 put anything into the old part at once because what the same code has made before has lived long: the clients
 * of one hour stay, and those of the next come and go by the thousand. Their sockets would all be in the old part then, and
 * keep alive, dead as they are, what they refer to: to clear the young part took 3.5 ms, ten times a second, in place of 0.7.
 *
 * `--max-semi-space-size` does the same for whoever starts `node` by hand; a command that is found by its name has no place
 * to say so. What is set here is only looked at when V8 begins to clear that part, thinks of letting it grow, or compiles.
 */
export function limitYoungGeneration(mostBytes: number): void {
  setFlagsFromString('--no-parallel-scavenge')
  setFlagsFromString('--no-allocation-site-pretenuring')
  const observer = new PerformanceObserver(() => {
    if (youngGenerationBytes() < mostBytes) return
    setFlagsFromString('--semi-space-growth-factor=1')
    observer.disconnect()
  })
  observer.observe({ entryTypes: ['gc'] })
}

export function youngGenerationBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
}
