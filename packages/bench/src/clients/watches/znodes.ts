import { joinPath, Op, type Watcher, type ZooKeeper } from '@vivarium/client'

/** Requests that wait for their answers at most. */
const IN_FLIGHT = 2000
/** Znodes that are created, or deleted, in one transaction. */
const PER_MULTI = 200

/** Asks for each of them, many at a time, and waits for all answers. */
export async function inTurn<T>(zk: ZooKeeper, each: readonly T[], ask: (one: T) => Promise<unknown>): Promise<void> {
  let failure: unknown = null
  for (let at = 0; at < each.length; at++) {
    ask(each[at] as T).catch((error) => {
      failure ??= error
    })
    if (at % IN_FLIGHT === IN_FLIGHT - 1) await zk.room(IN_FLIGHT)
  }
  await zk.room(1)
  if (failure !== null) throw failure
}

/** Creates so many znodes below one, and returns their paths. */
export async function createAll(zk: ZooKeeper, root: string, count: number): Promise<string[]> {
  await zk.ensurePath(root)
  const paths = Array.from({ length: count }, (_, at) => joinPath(root, `n${at}`))
  await inTurn(zk, pieces(paths), (piece) => zk.multi(piece.map((path) => Op.create(path))))
  return paths
}

export async function deleteAll(zk: ZooKeeper, paths: readonly string[]): Promise<void> {
  await inTurn(zk, pieces(paths), (piece) => zk.multi(piece.map((path) => Op.delete(path))))
}

function pieces(paths: readonly string[]): string[][] {
  const all: string[][] = []
  for (let at = 0; at < paths.length; at += PER_MULTI) all.push(paths.slice(at, at + PER_MULTI))
  return all
}

/** Counts who has been told, by one watcher for all. */
export interface Events {
  readonly watcher: Watcher
  /** Paths of which there was an event. */
  readonly told: number
  /** Events of paths of which there had been one. */
  readonly toldTwice: number
  /** Resolves once there was one of each path. */
  all(): Promise<void>
}

export function eventsOf(paths: readonly string[]): Events {
  const untold = new Set(paths)
  let twice = 0
  let complete: () => void
  const done = new Promise<void>((resolve) => {
    complete = resolve
  })
  return {
    watcher: ({ path }) => {
      if (!untold.delete(path)) twice++
      else if (untold.size === 0) complete()
    },
    get told() {
      return paths.length - untold.size
    },
    get toldTwice() {
      return twice
    },
    all: () => done,
  }
}
