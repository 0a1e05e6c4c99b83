import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setWatches, type WatchEvent, type Watcher, WatchManager, type WatchSet } from '@vivarium/core'
import type { ACL } from '@vivarium/protocol'

type Told = [connection: number, type: number, path: string, zxid: number]

/** Written by RecordWatches.java. */
const steps = JSON.parse(
  readFileSync(new URL('../../test/watches/watches.recording', import.meta.url), 'utf8'),
) as unknown[][]

test('a random script tells the connections of the same events as in Apache ZooKeeper', () => {
  const watches = new WatchManager()
  const nodes = new Map<string, { mzxid: number; pzxid: number; acl: ACL[] }>()
  nodes.set('/', { mzxid: 0, pzxid: 0, acl: aclOf(-1) })
  const paths = [...nodes.keys()]
  let told: Told[] = []
  const connect = (number: number): Watcher => ({
    sessionId: BigInt(number),
    watchSet: null as WatchSet | null,
    mayRead: (acl) => acl[0]?.id.id === String(number),
    notify: ({ type, path, zxid }: WatchEvent) => told.push([number, type, path, zxid]),
  })
  const connections = [0, 1, 2, 3].map(connect)
  const tree = {
    find: (path: string) => {
      if (!nodes.has(path)) return -1
      if (!paths.includes(path)) paths.push(path)
      return paths.indexOf(path)
    },
    mzxid: (node: number) => nodes.get(paths[node] as string)?.mzxid ?? 0,
    pzxid: (node: number) => nodes.get(paths[node] as string)?.pzxid ?? 0,
  }

  const run = (step: readonly unknown[]): boolean | null => {
    const operation = step[0] as string
    const path = String(step[1])
    const parent = path.slice(0, path.lastIndexOf('/')) || '/'
    const node = nodes.get(path)
    const above = nodes.get(parent)
    const connection = connections[step[2] as number] as Watcher
    switch (operation) {
      case 'create': {
        if (node !== undefined || above === undefined) return false
        const zxid = step[3] as number
        const acl = aclOf(step[2] as number)
        nodes.set(path, { mzxid: zxid, pzxid: zxid, acl })
        above.pzxid = zxid
        watches.created(path, zxid, acl, above.acl)
        return true
      }
      case 'delete': {
        if (node === undefined || above === undefined) return false
        if ([...nodes.keys()].some((other) => other.startsWith(`${path}/`))) return false
        const zxid = step[2] as number
        nodes.delete(path)
        above.pzxid = zxid
        watches.deleted(path, zxid, node.acl, above.acl)
        return true
      }
      case 'setData':
        if (node === undefined) return false
        node.mzxid = step[2] as number
        watches.changed(path, node.mzxid, node.acl)
        return true
      case 'exists':
        watches.addDataWatch(path, connection)
        return node !== undefined
      case 'getChildren':
        if (node !== undefined) watches.addChildWatch(path, connection)
        return node !== undefined
      case 'addWatch':
        watches.addPersistentWatch(path, connection, step[3] === 1)
        return null
      case 'removeWatches':
        return watches.remove(path, step[3] as number, connection)
      case 'checkWatches':
        return watches.contains(path, step[3] as number, connection)
      case 'setWatches': {
        const [dataWatches, existWatches, childWatches, persistentWatches, persistentRecursiveWatches] = step.slice(
          3,
        ) as string[][]
        const lists = { dataWatches, existWatches, childWatches, persistentWatches, persistentRecursiveWatches }
        setWatches(
          watches,
          tree,
          step[2] as number,
          lists as Parameters<typeof setWatches>[3],
          connections[step[1] as number] as Watcher,
        )
        return null
      }
      default: {
        assert.equal(operation, 'close')
        const number = step[1] as number
        watches.removeWatcher(connections[number] as Watcher)
        connections[number] = connect(number)
        return null
      }
    }
  }

  let events = 0
  for (const [index, step] of steps.entries()) {
    const [result, expected, count, dataCount] = step.slice(-4) as [boolean | null, Told[], number, number]
    told = []
    const got = run(step.slice(0, -4))
    const where = `step ${index}: ${JSON.stringify(step)}`
    assert.equal(got, result, where)
    assert.deepEqual(sorted(told), sorted(expected), where)
    assert.deepEqual([watches.size, watches.data.size], [count, dataCount], where)
    events += told.length
  }
  assert.ok(events > 400, `${events} events`)
})

function sorted(events: readonly Told[]): Told[] {
  return [...events].sort((a, b) => (String(a) < String(b) ? -1 : 1))
}

function aclOf(owner: number): ACL[] {
  return [{ perms: 31, id: owner < 0 ? { scheme: 'world', id: 'anyone' } : { scheme: 'ip', id: String(owner) } }]
}
