import { joinPath, KeeperError, type ZooKeeper } from '@vivarium/client'
import { boundedChildren } from '../children/bounded-children.ts'
import type { Change } from './change.ts'
import type { Picture } from './picture.ts'

/** So many requests are under way at once. */
const AT_ONCE = 32

export interface SweepOptions {
  readonly zk: ZooKeeper
  readonly path: string
  readonly recursive: boolean
  /** If there are more znodes than that, the sweep is given up. */
  readonly most: number
  /** Aborts when nobody wants it any more. */
  readonly signal: AbortSignal
}

/**
 * Reads all that is under a watch into its picture.
 *
 * @param news hears what was not known, in the order in which it is found
 * @returns false if there is too much
 */
export async function sweep(
  picture: Picture,
  { zk, path, recursive, most, signal }: SweepOptions,
  news: (changes: readonly Change[]) => void,
): Promise<boolean> {
  // What is read after this is no older than what the watch tells.
  await zk.sync(path).catch((error) => {
    if (!KeeperError.is(error, 'NONODE')) throw error
  })
  if (!recursive) {
    news(picture.read(path, await zk.exists(path)))
    return true
  }
  let left = [path]
  let found = 1
  while (left.length > 0 && !signal.aborted) {
    const chunk = left.slice(0, AT_ONCE)
    left = left.slice(AT_ONCE)
    const below = await Promise.all(chunk.map((each) => readOne(each)))
    for (const paths of below) {
      if (paths === null) return false
      found += paths.length
      left.push(...paths)
    }
    if (found > most) return false
  }
  return true

  /** Returns the paths below it; null if there are too many. */
  async function readOne(at: string): Promise<string[] | null> {
    try {
      const there = await boundedChildren(zk, at, most)
      news(picture.read(at, there?.stat ?? null))
      if (there === null) return []
      const { stat, names } = there
      if (names === null) return null
      news(picture.readNames(at, names, stat))
      return names.map((name) => joinPath(at, name))
    } catch (error) {
      if (KeeperError.is(error, 'NONODE')) news(picture.read(at, null))
      // The watch tells nothing of it, either.
      else if (KeeperError.is(error, 'NOAUTH')) picture.forget(at)
      else throw error
      return []
    }
  }
}
