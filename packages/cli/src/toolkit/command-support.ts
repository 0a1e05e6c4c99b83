import { InvalidArgumentError } from 'commander'
import type { Output } from './output.ts'

/** A tool's work: returns its exit code. */
export type Work = (output: Output) => Promise<number>

/** Runs tools: what is wrong with their arguments, or with files, is told in a sentence. */
export const runner =
  (setExitCode: (code: number) => void) =>
  async (work: Work): Promise<void> => {
    const [{ standardOutput }, { CliError }] = await Promise.all([import('./output.ts'), import('../shell/failure.ts')])
    // Whoever reads what is printed has seen enough.
    process.stdout.on('error', () => process.exit(0))
    try {
      setExitCode(await work(standardOutput))
    } catch (error) {
      const isSystemError = typeof (error as { syscall?: unknown }).syscall === 'string'
      if (!(error instanceof CliError || isSystemError)) throw error
      standardOutput.warn((error as Error).message)
      setExitCode(error instanceof CliError ? error.exitCode : 1)
    }
  }

/** @throws {InvalidArgumentError} */
export function zxid(text: string): number {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('a zxid is 0x1f, or decimal')
  return value
}

/** @throws {InvalidArgumentError} */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number is wanted')
  return Number(text)
}
