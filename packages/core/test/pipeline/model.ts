import type { ErrorCode } from '@vivarium/protocol'

export interface ModelNode {
  readonly data: string | null
  readonly version: number
  /** Creations of children. */
  readonly cversion: number
  readonly czxid: number
  readonly mzxid: number
  readonly pzxid: number
  /** The client whose session it belongs to; null if to none. */
  readonly owner: number | null
}

/** Paths and what is there: as simple as it can be said. Never changed: an operation makes another one. */
export type Model = ReadonlyMap<string, ModelNode>

export type WriteOp =
  | { readonly op: 'create'; readonly path: string; readonly flags: number; readonly data: string | null }
  | { readonly op: 'delete'; readonly path: string; readonly version: number }
  | { readonly op: 'setData'; readonly path: string; readonly version: number; readonly data: string | null }
  | { readonly op: 'check'; readonly path: string; readonly version: number }

export interface Outcome {
  readonly model: Model
  readonly code: ErrorCode
  /** Of what was created. */
  readonly path: string
}

export const EMPTY: Model = new Map([
  ['/', { data: '', version: 0, cversion: 0, czxid: 0, mzxid: 0, pzxid: 0, owner: null }],
])

const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 1))

export function childrenOf(model: Model, path: string): string[] {
  const children = [...model.keys()].filter((other) => other !== '/' && parentOf(other) === path)
  return children.map((other) => other.slice(other.lastIndexOf('/') + 1)).sort()
}

export function write(model: Model, op: WriteOp, client: number, zxid: number): Outcome {
  const fail = (code: ErrorCode): Outcome => ({ model, code, path: '' })
  const node = model.get(op.path)
  const parent = model.get(parentOf(op.path))
  if (op.op === 'create') {
    if (parent === undefined) return fail('NONODE')
    const sequential = op.flags >= 2
    const path = sequential ? op.path + String(parent.cversion).padStart(10, '0') : op.path
    if (model.has(path)) return fail('NODEEXISTS')
    if (parent.owner !== null) return fail('NOCHILDRENFOREPHEMERALS')
    const next = new Map(model)
    next.set(parentOf(path), { ...parent, cversion: parent.cversion + 1, pzxid: zxid })
    const owner = op.flags % 2 === 1 ? client : null
    next.set(path, { data: op.data, version: 0, cversion: 0, czxid: zxid, mzxid: zxid, pzxid: zxid, owner })
    return { model: next, code: 'OK', path }
  }
  if (node === undefined || parent === undefined) return fail('NONODE')
  if (op.version !== -1 && op.version !== node.version) return fail('BADVERSION')
  if (op.op === 'check') return { model, code: 'OK', path: '' }
  const next = new Map(model)
  if (op.op === 'setData') {
    next.set(op.path, { ...node, data: op.data, version: node.version + 1, mzxid: zxid })
    return { model: next, code: 'OK', path: '' }
  }
  if (childrenOf(model, op.path).length > 0) return fail('NOTEMPTY')
  next.delete(op.path)
  next.set(parentOf(op.path), { ...parent, pzxid: zxid })
  return { model: next, code: 'OK', path: '' }
}

/** All operations, or none: then the code of each. */
export function multi(
  model: Model,
  ops: readonly WriteOp[],
  client: number,
  zxid: number,
): { readonly model: Model; readonly codes: ErrorCode[]; readonly paths: string[] } {
  let next = model
  const paths: string[] = []
  for (const [i, op] of ops.entries()) {
    const outcome = write(next, op, client, zxid)
    if (outcome.code !== 'OK') {
      const codes = ops.map((_, j): ErrorCode => (j < i ? 'OK' : j === i ? outcome.code : 'RUNTIMEINCONSISTENCY'))
      return { model, codes, paths: [] }
    }
    next = outcome.model
    paths.push(outcome.path)
  }
  return { model: next, codes: ops.map(() => 'OK'), paths }
}

export function closeSession(model: Model, client: number, zxid: number): Model {
  const next = new Map(model)
  for (const [path, node] of model) {
    if (node.owner !== client) continue
    next.delete(path)
    const parent = next.get(parentOf(path))
    if (parent !== undefined) next.set(parentOf(path), { ...parent, pzxid: zxid })
  }
  return next
}
