/** What a shell said to one line. */
export interface Said {
  readonly out: readonly string[]
  readonly err: readonly string[]
  /** What the process would exit with now; −1 if the line has ended it. */
  readonly exitCode: number
}

/** A shell that is told line by line what to do. */
export interface Shell {
  run(line: string): Promise<Said>
  /** The events that it told of, in order, without those of its end. */
  readonly events: readonly string[]
  end(): Promise<void>
}

/** The lines of what was printed, less those of events, which come when they come, and blank ones. */
export function linesOf(printed: string): { lines: string[]; events: string[] } {
  const all = printed
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && line !== 'WATCHER::')
  const isEvent = (line: string): boolean => line.startsWith('WatchedEvent ')
  return { lines: all.filter((line) => !isEvent(line)), events: all.filter(isEvent) }
}
