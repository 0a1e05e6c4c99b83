import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What Linux tells of a process; on other systems there is no such file, and no such figure. */
export class ProcessUsage {
  readonly #pid: number
  readonly #ticksPerSecond: number

  /** @param pid 0 for none */
  constructor(pid: number) {
    this.#pid = pid
    this.#ticksPerSecond = pid === 0 ? 100 : Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  }

  /** CPU time used since its start by all its threads, in user and kernel mode. */
  cpuSeconds(): number {
    if (this.#pid === 0) return 0
    const stat = readFileSync(`/proc/${this.#pid}/stat`, 'utf8')
    // The command, in parentheses, may hold anything: the third field is the first behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / this.#ticksPerSecond
  }

  /** Resident memory, in bytes. */
  residentBytes(): number {
    if (this.#pid === 0) return 0
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8'))
    return found === null ? 0 : Number(found[1]) * 1024
  }
}
