import { epochOf, formatZxid, type Txn } from '@vivarium/protocol'
import { wholeEnd } from '../run/committed-history.ts'
import type { History, Replica } from '../workloads/history.ts'
import { describe } from '../workloads/requests.ts'
import { CONFIG_PATH } from './linearizable.ts'
import type { Checker } from './violation.ts'

/**
 * The members of an ensemble have one history: no zxid ever stands for two transactions, in whatever log; each leader
 * begins with all that was committed before; who has applied the same has the same tree; and at the end all have the same.
 */
export const oneHistory: Checker = {
  name: 'one history',
  check: (history) =>
    history.ensemble
      ? [
          ...oneTxnPerZxid(history),
          ...nothingForgotten(history),
          ...leadersKnowAll(history),
          ...sameDigests(history),
          ...sameAtTheEnd(history),
        ]
      : [],
}

function oneTxnPerZxid({ logs }: History): string[] {
  const known = new Map<number, { readonly txn: Txn; readonly server: number }>()
  const found = new Map<number, string>()
  for (const { server, txns } of logs) {
    for (const txn of txns) {
      const other = known.get(txn.zxid)
      if (other === undefined) known.set(txn.zxid, { txn, server })
      // Equal records are the same object.
      else if (other.txn !== txn) {
        const text = `server ${other.server} has logged ${describe(other.txn)}, and server ${server} ${describe(txn)}`
        found.set(txn.zxid, `${formatZxid(txn.zxid)} stands for two transactions: ${text}`)
      }
    }
  }
  return [...found.values()]
}

function nothingForgotten({ applied, transactions }: History): string[] {
  const there = new Set(transactions.map(({ zxid }) => zxid))
  return applied.flatMap(({ server, zxid }) =>
    there.has(zxid) ? [] : [`server ${server} has applied ${formatZxid(zxid)}, which is in no log`],
  )
}

/** What was committed in earlier epochs is in the log of each leader when it begins, as far back as that reaches. */
function leadersKnowAll({ logs, transactions }: History): string[] {
  return logs.flatMap((copy) => {
    const { epoch, server, ms } = copy
    if (epoch === null) return []
    const missing = missingFrom(
      wholeEnd(copy),
      transactions.filter(({ zxid }) => epochOf(zxid) < epoch),
      copy.snapshots,
    )
    return missing === null
      ? []
      : [`server ${server} leads epoch ${epoch} from ${ms.toFixed(1)} ms on without ${formatZxid(missing)}`]
  })
}

/** The first of the committed transactions that a log lacks; it need not have those that a snapshot has. */
function missingFrom(log: readonly Txn[], committed: readonly Txn[], snapshots: readonly number[]): number | null {
  const there = new Set(log.map(({ zxid }) => zxid))
  const from = log[0]?.zxid ?? (snapshots.at(-1) ?? 0) + 1
  return committed.find(({ zxid }) => zxid >= from && !there.has(zxid))?.zxid ?? null
}

function sameDigests({ applied }: History): string[] {
  const known = new Map<number, { readonly digest: string; readonly server: number }>()
  for (const { server, zxid, digest } of applied) {
    const other = known.get(zxid)
    if (other === undefined) known.set(zxid, { digest, server })
    else if (other.digest !== digest) {
      return [`after ${formatZxid(zxid)} server ${server} has another tree than server ${other.server}`]
    }
  }
  return []
}

function sameAtTheEnd({ replicas, transactions }: History): string[] {
  return replicas.flatMap(({ server, log, tree, digest }, _, [first]) => {
    const missing = missingFrom(wholeEnd(log), transactions, log.snapshots)
    if (missing !== null) return [`at the end server ${server} lacks ${formatZxid(missing)}`]
    if (first === undefined) return []
    if (digest !== first.digest) return [`at the end server ${server} has another digest than server ${first.server}`]
    const [mine, others] = [told(tree), told(first.tree)]
    for (const [path, text] of mine) {
      if (text !== others.get(path))
        return [`at the end server ${server} has ${path} = ${text}, and server ${first.server} ${others.get(path)}`]
    }
    return mine.size === others.size
      ? []
      : [`at the end server ${server} has ${mine.size} znodes, and server ${first.server} ${others.size}`]
  })
}

function told(tree: Replica['tree']): Map<string, string> {
  return new Map(tree.filter(({ path }) => path !== CONFIG_PATH).map(({ path, result }) => [path, describe(result)]))
}
