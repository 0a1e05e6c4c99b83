import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'

/** Where figures come from: they mean something only beside others of the same machine. */
export interface Machine {
  cpu: string
  cores: number
  memoryBytes: number
  kernel: string
  node: string
  java: string
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? '',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    node: process.version,
    java: /"(.*?)"/.exec(spawnSync('java', ['-version'], { encoding: 'utf8' }).stderr ?? '')?.[1] ?? 'none',
  }
}

/** The commit that is checked out; `changed` when there is more in the working tree than that. */
export function thisCommit(repository: string): { commit: string; changed: boolean } {
  const git = (...args: string[]): string =>
    spawnSync('git', args, { cwd: repository, encoding: 'utf8' }).stdout?.trim() ?? ''
  return { commit: git('rev-parse', '--short', 'HEAD') || 'unknown', changed: git('status', '--porcelain') !== '' }
}
