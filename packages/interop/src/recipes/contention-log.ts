import { joinPath, type ZooKeeper } from '@vivarium/client'

/** One that was in: its place in the log is its place in time, and what it was in by was there at that moment. */
export interface Entry {
  readonly who: string
  readonly kind: 'write' | 'read' | 'lease'
  readonly token: number
  /** When it was written, on the server's clock, in milliseconds. */
  readonly atMs: number
}

/** What contestants have written at one recipe. */
export class ContentionLog {
  readonly #zk: ZooKeeper
  readonly #path: string
  readonly #entries: Entry[] = []

  constructor(zk: ZooKeeper, path: string) {
    this.#zk = zk
    this.#path = path
  }

  /** All entries, in the order of time. Each is read once: there may be tens of thousands. */
  async read(): Promise<readonly Entry[]> {
    const names = (await this.#zk.getChildren(this.#path)).sort()
    const more = await Promise.all(names.slice(this.#entries.length).map((name) => this.#entry(name)))
    for (const entry of more) this.#entries.push(entry)
    return this.#entries
  }

  async #entry(name: string): Promise<Entry> {
    const { data, stat } = await this.#zk.getData(joinPath(this.#path, name))
    const [who, kind, token] = data.toString().split(' ') as [string, Entry['kind'], string]
    return { who, kind, token: Number(token), atMs: stat.ctime }
  }
}

/** Who was in by an older token than someone before whom it excludes: both were in at once then. */
export function disorder(log: readonly Entry[]): string | null {
  let latestWrite: Entry | null = null
  let latestRead: Entry | null = null
  for (const entry of log) {
    if (entry.kind === 'lease') continue
    for (const passed of entry.kind === 'read' ? [latestWrite] : [latestWrite, latestRead]) {
      if (passed !== null && passed.token > entry.token) {
        return `${entry.who} was in by ${entry.token} (${entry.kind}) after ${passed.who} by ${passed.token} (${passed.kind})`
      }
    }
    if (entry.kind === 'write') latestWrite = later(latestWrite, entry)
    else latestRead = later(latestRead, entry)
  }
  return null
}

function later(a: Entry | null, b: Entry): Entry {
  return a !== null && a.token > b.token ? a : b
}

/** How often each was in, and the longest time that it was not, and that nobody was, as text. */
export function turns(log: readonly Entry[]): string {
  const names = [...new Set(log.map(({ who }) => who))].sort()
  const each = names.map((name) => {
    const mine = log.filter(({ who }) => who === name)
    return `${name} ${mine.length} (${longestGap(mine)})`
  })
  return `${each.join(', ')}; nobody for ${longestGap(log)}`
}

function longestGap(log: readonly Entry[]): string {
  const gapsMs = log.slice(1).map(({ atMs }, before) => atMs - (log[before] as Entry).atMs)
  return `${(gapsMs.reduce((a, b) => Math.max(a, b), 0) / 1000).toFixed(1)} s`
}
