import { crc32 } from 'node:zlib'
import type { ACL } from '@vivarium/protocol'
import type { DataTree } from '../../dist/tree/index.js'

/** A znode as a plain object. */
export interface ModelNode {
  data: Uint8Array | null
  acl: readonly ACL[] | null
  owner: bigint
  czxid: number
  mzxid: number
  pzxid: number
  ctime: number
  mtime: number
  version: number
  cversion: number
  aversion: number
}

/** DataTree.java's semantics in the most naive way there is: what DataTree is held against. Paths as in Java: "" is the root. */
export class ModelTree {
  readonly nodes = new Map<string, ModelNode>()

  constructor() {
    for (const path of ['', '/zookeeper', '/zookeeper/quota', '/zookeeper/config']) {
      this.nodes.set(path, newNode(new Uint8Array(0), null, 0n, 0, 0))
    }
    const config = this.nodes.get('/zookeeper/config')!
    config.acl = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }]
    config.aversion = -1
  }

  children(path: string): string[] {
    const prefix = `${path}/`
    return [...this.nodes.keys()].filter(
      (other) => other.startsWith(prefix) && !other.slice(prefix.length).includes('/'),
    )
  }

  create(
    path: string,
    data: Uint8Array | null,
    acl: readonly ACL[] | null,
    owner: bigint,
    parentCversion: number,
    zxid: number,
    time: number,
  ): 'created' | 'noNode' | 'exists' {
    const parent = this.nodes.get(path.slice(0, path.lastIndexOf('/')))
    if (parent === undefined) return 'noNode'
    this.raise(parent, parentCversion, zxid)
    const existing = this.nodes.get(path)
    if (existing !== undefined) {
      existing.acl = acl
      return 'exists'
    }
    this.nodes.set(path, newNode(data, acl, owner, zxid, time))
    return 'created'
  }

  delete(path: string, zxid: number): boolean {
    const parent = this.nodes.get(path.slice(0, path.lastIndexOf('/')))
    if (parent === undefined) return false
    parent.pzxid = Math.max(parent.pzxid, zxid)
    if (!this.nodes.has(path)) return false
    for (const other of [...this.nodes.keys()]) {
      if (other === path || other.startsWith(`${path}/`)) this.nodes.delete(other)
    }
    return true
  }

  setData(path: string, data: Uint8Array | null, version: number, zxid: number, time: number): boolean {
    const node = this.nodes.get(path)
    if (node === undefined) return false
    Object.assign(node, { data, version, mzxid: zxid, mtime: time })
    return true
  }

  setAcl(path: string, acl: readonly ACL[] | null, aversion: number): boolean {
    const node = this.nodes.get(path)
    if (node === undefined) return false
    Object.assign(node, { acl, aversion })
    return true
  }

  raise(node: ModelNode, cversion: number, pzxid: number): void {
    const raised = cversion === -1 ? (node.cversion + 1) | 0 : cversion
    if (raised > node.cversion) Object.assign(node, { cversion: raised, pzxid })
  }

  /** DataTree's digest, summed up from nothing. */
  digest(): bigint {
    let sum = 0n
    for (const [path, node] of this.nodes) {
      if (!path.startsWith('/zookeeper/')) sum += BigInt(modelDigest(path, node))
    }
    return BigInt.asUintN(64, sum)
  }
}

function newNode(
  data: Uint8Array | null,
  acl: readonly ACL[] | null,
  owner: bigint,
  zxid: number,
  time: number,
): ModelNode {
  const stat = { czxid: zxid, mzxid: zxid, pzxid: zxid, ctime: time, mtime: time, version: 0, cversion: 0, aversion: 0 }
  return { data, acl, owner, ...stat }
}

function modelDigest(path: string, node: ModelNode): number {
  const stat = Buffer.alloc(60)
  const longs = [node.czxid, node.mzxid, node.pzxid, node.ctime, node.mtime]
  for (const [i, value] of longs.entries()) stat.writeBigInt64BE(BigInt(value), i * 8)
  for (const [i, value] of [node.version, node.cversion, node.aversion].entries()) stat.writeInt32BE(value, 40 + i * 4)
  stat.writeBigInt64BE(node.owner, 52)
  return crc32(Buffer.concat([Buffer.from(path), node.data ?? Buffer.alloc(0), stat]))
}

/** Everything a tree has, in a form that can be compared. */
export function dumpTree(tree: DataTree): unknown {
  const nodes: [string, unknown][] = []
  const visit = (node: number): void => {
    nodes.push([tree.pathOf(node), dumpNode(tree, node)])
    tree.forEachChild(node, visit)
  }
  visit(0)
  nodes.sort(([a], [b]) => (a < b ? -1 : 1))
  const sessions = tree.sessionsWithEphemerals().sort()
  return {
    nodes,
    digest: digestOf(tree),
    nodeCount: tree.nodeCount,
    size: tree.approximateDataSize,
    ephemerals: sessions.map((session) => [session, tree.ephemeralsOf(session).sort()]),
    containers: [...tree.containers].map((node) => tree.pathOf(node)).sort(),
    ttls: [...tree.ttlNodes].map((node) => tree.pathOf(node)).sort(),
    acls: tree.acls
      .entries()
      .map(([, acl]) => JSON.stringify(acl))
      .sort(),
  }
}

function dumpNode(tree: DataTree, node: number): unknown {
  const data = tree.data(node)
  return {
    stat: statOf(tree, node),
    cversion: tree.cversion(node),
    owner: tree.owner(node),
    data: data === null ? null : Buffer.from(data).toString('hex'),
    acl: tree.acls.get(tree.aclId(node)),
  }
}

/** The same for a model, which {@link dumpTree} of an equal tree is equal to. */
export function dumpModel(model: ModelTree): unknown {
  const entries = [...model.nodes].sort(([a], [b]) => (a < b ? -1 : 1))
  const open = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
  const bySession = new Map<bigint, string[]>()
  let size = 1
  for (const [path, node] of entries) {
    size += Buffer.byteLength(path) + (node.data?.length ?? 0)
    if (node.owner > 0n) bySession.set(node.owner, [...(bySession.get(node.owner) ?? []), path])
  }
  return {
    nodes: entries.map(([path, node]) => {
      const data = node.data === null ? null : Buffer.from(node.data).toString('hex')
      const stat = modelStat(node, model.children(path).length)
      return [path || '/', { stat, cversion: node.cversion, owner: node.owner, data, acl: node.acl ?? open }]
    }),
    digest: model.digest(),
    nodeCount: entries.length + 1,
    size,
    ephemerals: [...bySession].sort(([a], [b]) => (a < b ? -1 : 1)),
    containers: entries.filter(([, { owner }]) => owner === -(2n ** 63n)).map(([path]) => path),
    ttls: entries.filter(([, { owner }]) => owner < 0n && owner !== -(2n ** 63n)).map(([path]) => path),
    acls: [...new Set(entries.flatMap(([, { acl }]) => (acl === null ? [] : [JSON.stringify(acl)])))].sort(),
  }
}

function modelStat(node: ModelNode, children: number): string {
  const stat = Buffer.alloc(68)
  const longs = [node.czxid, node.mzxid, node.ctime, node.mtime]
  for (const [i, value] of longs.entries()) stat.writeBigInt64BE(BigInt(value), i * 8)
  const ints = [node.version, (node.cversion * 2 - children) | 0, node.aversion]
  for (const [i, value] of ints.entries()) stat.writeInt32BE(value, 32 + i * 4)
  stat.writeBigInt64BE(node.owner > 0n ? node.owner : 0n, 44)
  stat.writeInt32BE(node.data?.length ?? 0, 52)
  stat.writeInt32BE(children, 56)
  stat.writeBigInt64BE(BigInt(node.pzxid), 60)
  return stat.toString('hex')
}

/** A Stat as clients are told it, in hex. */
export function statOf(tree: DataTree, node: number): string {
  const stat = Buffer.alloc(68)
  tree.writeStat(node, stat, 0)
  return stat.toString('hex')
}

export function digestOf(tree: DataTree): bigint {
  return (BigInt(tree.digestHigh) << 32n) | BigInt(tree.digestLow)
}
