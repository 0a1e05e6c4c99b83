import type { Stat } from '@vivarium/client'
import type { PooledClient } from '../clients/client-pool.ts'
import { NameList, PIECE } from './name-list.ts'

/**
 * Names of a znode's children, by a server of the same process: a piece of so many at a time, so that it can do other things
 * between them. What it returns at the end says whether these were all.
 */
export type NamesInProcess = (path: string, most: number) => Generator<readonly string[], boolean>

/** The children of a znode at some moment. */
export interface SortedChildren {
  readonly names: NameList
  /** Of before they were read. */
  readonly stat: Stat
}

/** An answer with so many names keeps nobody waiting. */
const FEW = 1000
/** A read that is disturbed is begun anew so often. */
const ATTEMPTS = 3

/** Reads the names of a znode's children, as its server answers them or, if they are many, as one in the same process has them. */
export async function readNames(
  { zk }: PooledClient,
  path: string,
  inProcess: NamesInProcess | null,
): Promise<SortedChildren> {
  for (let attempt = 0; inProcess !== null && attempt < ATTEMPTS; attempt++) {
    // Whoever may read a znode's data may read its children's names (both take READ), and the server answers this only to them.
    const { stat } = await zk.getData(path)
    if (stat.numChildren <= FEW) break
    let isWhole = false
    const pieces = noting(inProcess(path, PIECE), (areAll) => {
      isWhole = areAll
    })
    const names = await NameList.of(pieces, stat.numChildren)
    if (isWhole) return { names, stat }
  }
  const { children, stat } = await zk.getChildren2(path)
  return { names: await NameList.of(piecesOf(children), children.length), stat }
}

function* noting(
  pieces: Generator<readonly string[], boolean>,
  ended: (areAll: boolean) => void,
): Iterable<readonly string[]> {
  ended(yield* pieces)
}

function* piecesOf(names: readonly string[]): Iterable<readonly string[]> {
  for (let at = 0; at < names.length; at += PIECE) yield names.slice(at, at + PIECE)
}
