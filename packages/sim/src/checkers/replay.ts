import { counterOf, type ErrorTxn, errno, OpCode, type Txn } from '@vivarium/protocol'
import type { History, Operation } from '../workloads/history.ts'
import { describe, isWrite, type Request, type Result, SESSION_EXPIRED } from '../workloads/requests.ts'
import { type Change, ModelTree } from './model-tree.ts'

/** What a setWatches request has to be told at once, and what remains set after it. */
export interface CatchUp {
  readonly events: { readonly type: number; readonly path: string }[]
  readonly data: string[]
  readonly children: string[]
}

/** The run as the model has it: the log's order, and what the requests of the clients ought to have done in it. */
export interface Replay {
  /** By zxid, in their order. */
  readonly changes: ReadonlyMap<number, readonly Change[]>
  /** Zxids whose changes may be told in any order: the end of a session of which the log does not name the znodes. */
  readonly unordered: ReadonlySet<number>
  /** By the id of the operation. */
  readonly catchUps: ReadonlyMap<number, CatchUp>
  readonly tree: ModelTree
  /** Answers that are not what the model has, and transactions that should not be. */
  readonly differences: string[]
}

export function keyOf(sessionId: bigint, xid: number): string {
  return `${sessionId}:${xid}`
}

const SESSION_MOVED = errno('SESSIONMOVED')
const NOT_READ_ONLY = errno('NOTREADONLY')

const replays = new WeakMap<History, Replay>()

/** {@link replay}, once for all checkers. */
export function replayOf(history: History): Replay {
  let known = replays.get(history)
  if (known === undefined) {
    known = replay(history)
    replays.set(history, known)
  }
  return known
}

/**
 * Does again, on the model, what the log says was done, in its order: but from the requests as the clients sent them,
 * not from what the server made of them. Each answer is compared, a read's with the state at the zxid that it names.
 */
function replay(history: History): Replay {
  const tree = new ModelTree()
  const changes = new Map<number, readonly Change[]>()
  const catchUps = new Map<number, CatchUp>()
  const differences: string[] = []
  const writes = new Map<string, Operation>()
  const reads = new Map<number, Operation[]>()
  const glimpses = new Set(history.glimpses)
  for (const operation of [...history.operations, ...glimpses]) {
    if (isWrite(operation.request)) writes.set(keyOf(operation.sessionId, operation.xid), operation)
    else if (operation.answer !== null && operation.answer.result.err !== NOT_READ_ONLY) {
      const { zxid } = operation.answer
      const sameZxid = reads.get(zxid)
      if (sameZxid === undefined) reads.set(zxid, [operation])
      else sameZxid.push(operation)
    }
  }
  const ended = new Set<bigint>()
  const unordered = new Set<number>()
  const state = { tree, ended, writes, differences, unordered }
  const readAt = (zxid: number): void => {
    for (const operation of reads.get(zxid) ?? []) {
      compareRead(tree, operation, differences)
      const catchUp = catchUpOf(tree, operation.request)
      if (catchUp !== null) catchUps.set(operation.id, catchUp)
    }
    reads.delete(zxid)
  }
  readAt(0)
  // An epoch begins at a zxid of its own, at which there is what was there before.
  const epochs = [...reads.keys()].filter((zxid) => counterOf(zxid) === 0).sort((a, b) => a - b)
  for (const txn of history.transactions) {
    while (epochs[0] !== undefined && epochs[0] < txn.zxid) readAt(epochs.shift() as number)
    tree.changes = []
    apply(state, txn)
    changes.set(txn.zxid, tree.changes)
    readAt(txn.zxid)
  }
  for (const zxid of epochs) readAt(zxid)
  for (const [zxid, operations] of reads) {
    for (const operation of operations) {
      // Who is cut off may show what the others never agreed on.
      if (glimpses.has(operation)) continue
      const { client, xid } = operation
      differences.push(`${client}'s request ${xid} was answered from zxid ${zxid}, which the log does not have`)
    }
  }
  return { changes, unordered, catchUps, tree, differences }
}

interface State {
  readonly tree: ModelTree
  readonly ended: Set<bigint>
  readonly writes: ReadonlyMap<string, Operation>
  readonly differences: string[]
  readonly unordered: Set<number>
}

function apply(state: State, txn: Txn): void {
  const { tree, ended, writes, differences } = state
  const { zxid, clientId: sessionId } = txn
  if (txn.type === OpCode.createSession) return
  if (txn.type === OpCode.closeSession) {
    applyClose(state, txn)
    return
  }
  if (txn.type === OpCode.deleteContainer) {
    const { path } = txn.record as { path: string }
    const znode = tree.znodes.get(path)
    if (znode?.container && znode.children.size === 0 && znode.created > 0) tree.remove([path], zxid)
    else differences.push(`zxid ${zxid} deletes ${path}, which is no container that has been emptied`)
    return
  }
  // Deletions of containers that came too late are errors of nobody.
  if (sessionId === 0n && txn.type === OpCode.error) return
  const operation = writes.get(keyOf(sessionId, txn.cxid))
  if (operation === undefined) {
    differences.push(`zxid ${zxid} is of a request that nobody made: session ${sessionId}, xid ${txn.cxid}`)
    return
  }
  const { request, identities, answer } = operation
  // The client has come back by another server: what it had asked for by the first is not done, and not answered.
  if (txn.type === OpCode.error && (txn.record as ErrorTxn).err === SESSION_MOVED && answer === null) return
  const failed = txn.type === OpCode.error
  // Which members there may be is not for the model to say; of the tree, only a znode changes that each server keeps itself.
  if (request.kind === 'reconfig') {
    if (answer !== null && failed !== (answer.result.err !== 0))
      differences.push(`${tell(operation)} is ${failed ? 'an error' : 'none'} in the log, and was answered otherwise`)
    if (!failed) tree.touchConfig()
    return
  }
  const expected: Result = ended.has(sessionId)
    ? expiredResult(request)
    : tree.write(request, { zxid, timeMs: txn.time, sessionId, identities })
  if (answer !== null && describe(answer.result) !== describe(expected)) {
    differences.push(
      `${tell(operation)} was answered ${describe(answer.result)}, where the model has ${describe(expected)}`,
    )
  }
  if (failed !== (expected.err !== 0)) {
    differences.push(
      `${tell(operation)} is ${failed ? 'an error' : 'none'} in the log, where the model has ${describe(expected)}`,
    )
  }
}

/** What a session is answered whose end has been decided. */
function expiredResult(request: Request): Result {
  if (request.kind !== 'multi') return { err: SESSION_EXPIRED }
  const rest = request.operations.slice(1).map(() => ({ err: -2 }))
  return { err: 0, results: [{ err: SESSION_EXPIRED }, ...rest] }
}

function applyClose({ tree, ended, differences, unordered }: State, txn: Txn): void {
  const { clientId: sessionId, zxid } = txn
  ended.add(sessionId)
  const expected = tree.ephemeralsOf(sessionId)
  const named = (txn.record as { paths2Delete: readonly string[] | null } | null)?.paths2Delete
  // Without a list in the log, the order among them is the server's own affair.
  if (!named) unordered.add(zxid)
  const paths = named ?? expected
  if (named && [...paths].sort().join() !== [...expected].sort().join()) {
    differences.push(`zxid ${zxid} ends a session with ${paths.join()}, where the model has ${expected.join()}`)
  }
  tree.remove(expected.length === paths.length ? paths : expected, zxid)
}

function compareRead(tree: ModelTree, operation: Operation, differences: string[]): void {
  const { request, sessionId, identities } = operation
  const result = operation.answer?.result as Result
  // Whether that was right is for those to say who look at sessions.
  if (result.err === SESSION_EXPIRED) return
  const expected = tree.read(request, sessionId, identities)
  if (describe(result) === describe(expected)) return
  differences.push(
    `${tell(operation)} was answered ${describe(result)} at zxid ${operation.answer?.zxid}, where the model has ${describe(expected)}`,
  )
}

function tell({ client, xid, request }: Operation): string {
  return `${client}'s request ${xid}, ${describe(request)},`
}

/** What DataTree.setWatches does: missed changes are told at once, with the state of that moment. */
function catchUpOf(tree: ModelTree, request: Request): CatchUp | null {
  if (request.kind !== 'setWatches') return null
  const { watches } = request
  const result: CatchUp = { events: [], data: [], children: [] }
  for (const path of watches.dataWatches) {
    const znode = tree.znodes.get(path)
    if (znode === undefined) result.events.push({ type: 2, path })
    else if (znode.mzxid > watches.relativeZxid) result.events.push({ type: 3, path })
    else result.data.push(path)
  }
  for (const path of watches.existWatches) {
    if (tree.znodes.has(path)) result.events.push({ type: 1, path })
    else result.data.push(path)
  }
  for (const path of watches.childWatches) {
    const znode = tree.znodes.get(path)
    if (znode === undefined) result.events.push({ type: 2, path })
    else if (znode.pzxid > watches.relativeZxid) result.events.push({ type: 4, path })
    else result.children.push(path)
  }
  return result
}
