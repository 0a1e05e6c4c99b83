import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinPath, nameOf, parentOf } from '@vivarium/protocol'
import fc from 'fast-check'
import type { Change } from '../../dist/events/change.js'
import { Picture } from '../../dist/events/picture.js'

interface Znode {
  czxid: number
  mzxid: number
  pzxid: number
}

const ROOT = '/r'
const PATHS = [ROOT, '/r/a', '/r/b', '/r/a/x', '/r/a/y', '/r/b/x']

/** A server: what is written to it, and what it then tells. */
class Tree {
  readonly znodes = new Map<string, Znode>()
  zxid = 0

  /** Whatever of these can be done to the znode; null if nothing can. */
  write(path: string, set: boolean): Change | null {
    const known = this.znodes.get(path)
    const above = this.znodes.get(parentOf(path))
    const hasBelow = this.children(path).length > 0
    if (known === undefined && path !== ROOT && above === undefined) return null
    if (known !== undefined && !set && hasBelow) return null
    const zxid = ++this.zxid
    if (known === undefined) this.znodes.set(path, { czxid: zxid, mzxid: zxid, pzxid: zxid })
    else if (set) known.mzxid = zxid
    else this.znodes.delete(path)
    if ((known === undefined || !set) && above !== undefined) above.pzxid = zxid
    const type = known === undefined ? 'created' : set ? 'changed' : 'deleted'
    return { type, path, zxid, caughtUp: false }
  }

  children(path: string): string[] {
    return [...this.znodes.keys()]
      .filter((each) => each !== '/' && each !== path && parentOf(each) === path)
      .map(nameOf)
  }
}

/** What somebody knows who believes all that is told. */
class Believer {
  readonly znodes = new Map<string, Pick<Znode, 'czxid' | 'mzxid'>>()

  hear({ type, path, zxid }: Change): void {
    if (type === 'created') {
      assert.ok(!this.znodes.has(path), `${path} was created twice`)
      this.znodes.set(path, { czxid: zxid ?? 0, mzxid: zxid ?? 0 })
    } else if (type === 'deleted') assert.ok(this.znodes.delete(path), `${path} was deleted and not there`)
    else {
      const known = this.znodes.get(path)
      assert.ok(known !== undefined && (zxid ?? 0) > known.mzxid, `${path} was changed out of order`)
      known.mzxid = zxid ?? 0
    }
  }
}

const writes = fc.array(fc.tuple(fc.constantFrom(...PATHS), fc.boolean()), { maxLength: 30 })

test('after a time without a watch, what is told is what has happened, each change once and in order', () => {
  fc.assert(
    fc.property(writes, writes, writes, fc.infiniteStream(fc.boolean()), (before, missed, during, isWrite) => {
      const tree = new Tree()
      const picture = new Picture(true)
      const believer = new Believer()
      for (const [path, set] of before) {
        const change = tree.write(path, set)
        if (change !== null) for (const news of picture.told(change)) believer.hear(news)
      }
      for (const [path, set] of missed) tree.write(path, set)
      // Reading and writing go on side by side; what is written is told before what is read after it.
      const held: Change[] = []
      const left = [ROOT]
      const later = [...during]
      picture.begin()
      while (left.length > 0 || later.length > 0) {
        const next = isWrite.next().value || left.length === 0 ? later.shift() : undefined
        if (next !== undefined) {
          const change = tree.write(...next)
          if (change !== null) held.push(...picture.told(change))
          continue
        }
        const path = left.shift()
        if (path === undefined) continue
        const stat = tree.znodes.get(path)
        held.push(...picture.read(path, stat === undefined ? null : { ...stat }))
        if (stat === undefined) continue
        const names = tree.children(path)
        held.push(...picture.readNames(path, names, stat))
        left.push(...names.map((name) => joinPath(path, name)))
      }
      picture.end()
      const zxids = held.flatMap(({ zxid }) => (zxid === null ? [] : [zxid]))
      assert.equal(new Set(zxids).size, zxids.length, 'a change was told twice')
      const mirror = new Map([...believer.znodes].map(([path, known]) => [path, { ...known }]))
      for (const change of held.sort((a, b) => (a.zxid ?? 0) - (b.zxid ?? 0))) apply(mirror, change)
      assert.deepEqual(sorted(mirror), sorted(tree.znodes))
      assert.equal(picture.size, tree.znodes.size)
    }),
    { numRuns: 500 },
  )
})

/** As it is known of znodes: a change of one that nobody has told of yet is of no use. */
function apply(mirror: Map<string, Pick<Znode, 'czxid' | 'mzxid'>>, { type, path, zxid }: Change): void {
  const known = mirror.get(path)
  if (type === 'deleted') mirror.delete(path)
  else if (type === 'created') mirror.set(path, { czxid: zxid ?? 0, mzxid: zxid ?? 0 })
  else if (known !== undefined) known.mzxid = zxid ?? 0
}

const sorted = (znodes: ReadonlyMap<string, Pick<Znode, 'czxid' | 'mzxid'>>): unknown[] =>
  [...znodes].map(([path, { czxid, mzxid }]) => ({ path, czxid, mzxid })).sort((a, b) => (a.path < b.path ? -1 : 1))

test('of one znode it is told that its children have changed, without saying which', () => {
  const picture = new Picture(false)
  const stat = { czxid: 1, mzxid: 2, pzxid: 3 }
  picture.read('/a', stat)
  assert.deepEqual(picture.read('/a', stat), [])
  assert.deepEqual(picture.read('/a', { ...stat, mzxid: 4, pzxid: 5 }), [
    { type: 'changed', path: '/a', zxid: 4, caughtUp: true },
    { type: 'children', path: '/a', zxid: 5, caughtUp: true },
  ])
  assert.deepEqual(picture.read('/a', null), [{ type: 'deleted', path: '/a', zxid: null, caughtUp: true }])
})
