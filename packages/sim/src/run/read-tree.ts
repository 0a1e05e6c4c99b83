import type { DataTree } from '@vivarium/core'
import { Reader, readUtf8, Stat } from '@vivarium/protocol'
import type { FinalZnode } from '../workloads/history.ts'

const STAT_BYTES = 68

/** Every znode of a server's tree, as a client would be told. */
export function readTree(tree: DataTree): FinalZnode[] {
  const znodes: FinalZnode[] = []
  const bytes = new Uint8Array(STAT_BYTES)
  const visit = (node: number): void => {
    const data = tree.data(node)
    tree.writeStat(node, bytes, 0)
    const stat = Stat.read(new Reader(bytes))
    znodes.push({
      path: tree.pathOf(node),
      result: { err: 0, data: data === null ? null : readUtf8(data, 0, data.length), stat },
    })
    tree.forEachChild(node, visit)
  }
  visit(tree.find('/'))
  return znodes
}
