import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/**
 * Keeps the part of the heap in which objects begin near `mostBytes`, where it would grow to 32 MiB and more. While V8 clears
 * it nothing is answered: the less there is to clear, the shorter the pauses. Connections are what it has most trouble with,
 * since much of a `net.Socket` survives its end. One thread clears so little in less time than it takes to wake others, which
 * members on the same machine feel most.
 *
 * `--max-semi-space-size` does the same for whoever starts `node` by hand; a command that is found by its name has no place
 * to say so. What is set here is only looked at when V8 begins to clear that part, or thinks of letting it grow.
 */
export function limitYoungGeneration(mostBytes: number): void {
  setFlagsFromString('--no-parallel-scavenge')
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
