/** Figures that were asked for at one time: counts since the server began, and values as they are. */
export interface Sample {
  /** Milliseconds of the wall clock of the server. */
  readonly now: number
  readonly figures: Readonly<Record<string, number | null>>
}

/** What is kept: half an hour of a sample every two seconds. */
const MOST_SAMPLES = 900
const MS_PER_S = 1000

/** How a line is made of samples. */
export type Line =
  /** The value as it is. */
  | { readonly title: string; readonly value: string }
  /** By how much a count grows in a second. */
  | { readonly title: string; readonly rate: string }
  /** By how much one count grows for each by which another does: a sum of times, and how many they were. */
  | { readonly title: string; readonly sum: string; readonly count: string }

/** Samples in the order of time, the oldest of which go. */
export class Series {
  readonly #samples: Sample[] = []

  add(sample: Sample): void {
    const last = this.#samples.at(-1)
    if (last !== undefined && sample.now <= last.now) return
    this.#samples.push(sample)
    if (this.#samples.length > MOST_SAMPLES) this.#samples.shift()
  }

  get length(): number {
    return this.#samples.length
  }

  /** Seconds since 1970, and beside them each line's values; null where there is none, as after a restart. */
  table(lines: readonly Line[]): [times: number[], ...values: (number | null)[][]] {
    const times = this.#samples.map(({ now }) => now / MS_PER_S)
    return [
      times,
      ...lines.map((line) => this.#samples.map((sample, at) => figureOf(line, this.#samples[at - 1], sample))),
    ]
  }
}

function figureOf(line: Line, before: Sample | undefined, sample: Sample): number | null {
  if ('value' in line) return sample.figures[line.value] ?? null
  if (before === undefined) return null
  if ('rate' in line) {
    const grown = growth(line.rate, before, sample)
    return grown === null ? null : (grown * MS_PER_S) / (sample.now - before.now)
  }
  const sum = growth(line.sum, before, sample)
  const count = growth(line.count, before, sample)
  return sum === null || count === null || count === 0 ? null : sum / count
}

/** Null where one of them is not known, or the counting began anew. */
function growth(name: string, before: Sample, sample: Sample): number | null {
  const from = before.figures[name]
  const to = sample.figures[name]
  return from == null || to == null || to < from ? null : to - from
}
