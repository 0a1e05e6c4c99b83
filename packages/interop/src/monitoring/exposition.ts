import { withoutKeys } from './shape.ts'

/** What a server shows to Prometheus. */
export interface Exposition {
  /** By name. */
  readonly types: ReadonlyMap<string, string>
  /** By name and labels; those that differ only in their key are one, with the sum. */
  readonly samples: ReadonlyMap<string, number>
}

/** Takes the text format of Prometheus apart, but for metrics whose name begins with one of `leftOut`. */
export function parseExposition(text: string, leftOut: readonly string[]): Exposition {
  const types = new Map<string, string>()
  const samples = new Map<string, number>()
  const wanted = (name: string): boolean => !leftOut.some((prefix) => name.startsWith(prefix))
  for (const line of text.split('\n')) {
    const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? []
    if (name !== '' && wanted(name)) types.set(name, type)
    const [, sample = '', labels = '', value = ''] = /^([a-z_]+)(\{.*\})? (\S+)$/i.exec(line) ?? []
    if (sample === '' || !wanted(sample)) continue
    const series = sample + labels.replace(/key="[^"]*"/, 'key="KEY"').replace(',}', '}')
    samples.set(series, (samples.get(series) ?? 0) + (value === 'NaN' ? 0 : Number(value)))
  }
  return { types, samples }
}

/** The keys of `mntr`, and their values. */
export function parseMntr(text: string): ReadonlyMap<string, string> {
  const lines = text.trimEnd().split('\n')
  return new Map(lines.map((line) => line.split('\t')).map(([key = '', value = '']) => [withoutKeys(key), value]))
}

/** What is in one and not in the other, in words. */
export function differingNames(theirs: Iterable<string>, ours: Iterable<string>): string[] {
  const [a, b] = [new Set(theirs), new Set(ours)]
  return [
    ...[...a].filter((name) => !b.has(name)).map((name) => `${name} is missing`),
    ...[...b].filter((name) => !a.has(name)).map((name) => `${name} is not Apache's`),
  ].sort()
}

/** Counts that grew in the one and not in the other: names of counters, and of the counts of summaries. */
export function notCounted(theirs: Exposition, ours: Exposition): string[] {
  const counted: string[] = []
  for (const [name, type] of theirs.types) {
    if (type === 'gauge') continue
    const count = ({ samples }: Exposition): number =>
      [name, `${name}{key="KEY"}`, `${name}_count`, `${name}_count{key="KEY"}`].reduce(
        (sum, series) => sum + (samples.get(series) ?? 0),
        0,
      )
    if (count(theirs) > 0 && count(ours) === 0) counted.push(name)
  }
  return counted.sort()
}
