import { parseArgs } from 'node:util'
import { PARTS, type Part, SCENARIOS, type Scenario } from './scenarios.ts'

export interface Options {
  /** Shell commands that run a server in the foreground, given the path of a zoo.cfg as one more argument. */
  readonly ours: string | null
  readonly theirs: string | null
  readonly parts: ReadonlySet<Part>
  readonly scenarios: readonly Scenario[]
  readonly rounds: number
  /** How long each load is measured, in each round. */
  readonly seconds: number
  /** Znodes that the part `memory` creates. */
  readonly znodes: number
  /** Where the results go; null: `bench/results`. */
  readonly out: string | null
}

export const USAGE = `npm run bench -- [options]

  --only PARTS     ${PARTS.join(',')} (default: all)
  --loads NAMES    only these loads: ${[...new Set(SCENARIOS.map(({ load }) => load))].join(',')}
  --rounds N       how often each measurement is made, in turns (default 3)
  --secs S         how long each load is measured (default 5)
  --nodes N        znodes to create for the part memory (default 1000000)
  --ours CMD       a server to measure, given the path of a zoo.cfg (default: the one of this checkout)
  --theirs CMD     the server to compare it with (default: Apache ZooKeeper, fetched with Maven)
  --out FILE       where the results go (default: bench/results/<date>-<commit>.json)`

/** Reads a command line. Throws an Error that says what is wrong with it. */
export function parseOptions(args: readonly string[]): Options {
  const string = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: string,
      loads: string,
      rounds: string,
      secs: string,
      nodes: string,
      ours: string,
      theirs: string,
      out: string,
    },
  })
  const loads = names(values.loads, [...new Set<string>(SCENARIOS.map(({ load }) => load))], '--loads')
  return {
    ours: values.ours ?? null,
    theirs: values.theirs ?? null,
    parts: new Set(names(values.only, PARTS, '--only')),
    scenarios: SCENARIOS.filter(({ load }) => loads.includes(load)),
    rounds: wholeNumber(values.rounds ?? '3', '--rounds'),
    seconds: positive(values.secs ?? '5', '--secs'),
    znodes: wholeNumber(values.nodes ?? '1000000', '--nodes'),
    out: values.out ?? null,
  }
}

/** The names of a list, or all that are known. @throws {Error} at one that is not known */
export function names<T extends string>(list: string | undefined, known: readonly T[], option: string): readonly T[] {
  if (list === undefined) return known
  const asked = list.split(',')
  const unknown = asked.filter((name) => !(known as readonly string[]).includes(name))
  if (unknown.length > 0) throw new Error(`${option}: ${unknown.join(', ')} is none of ${known.join(', ')}`)
  return known.filter((name) => asked.includes(name))
}

/** @throws {Error} at what is no number above 0 */
export function positive(text: string, option: string): number {
  const value = Number(text)
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new Error(`${option}: ${text} is not a positive number`)
  return value
}

/** @throws {Error} at what is no whole number above 0, or too large */
export function wholeNumber(text: string, option: string): number {
  const value = positive(text, option)
  if (!Number.isInteger(value) || value > 99_999_999)
    throw new Error(`${option}: ${text} is not a whole number below 10^8`)
  return value
}
