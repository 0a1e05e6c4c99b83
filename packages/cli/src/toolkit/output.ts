import { once } from 'node:events'

/** Where a tool prints: as fast as its reader takes it, so that nothing piles up. */
export interface Output {
  /** Prints text, and resolves once more can be taken. */
  print(text: string): Promise<void>
  warn(line: string): void
}

export const standardOutput: Output = {
  async print(text) {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain')
  },
  warn: (line) => void process.stderr.write(`${line}\n`),
}
