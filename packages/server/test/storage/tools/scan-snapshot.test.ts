import assert from 'node:assert/strict'
import test from 'node:test'
import type { MemoryDisk } from '@vivarium/env/memory'
import fc from 'fast-check'
import { SnapshotScanner, snapshotAt } from '../../../dist/storage/tools/scan-snapshot.js'
import { SnapshotItems, type SnapshotNode } from '../../../dist/storage/tools/snapshot-items.js'
import { LOG_DIRECTORY, newDisk } from '../fixtures.ts'
import { SmallServer } from '../small-server.ts'
import { at, contents, twoLogs } from './files.ts'

async function scan(disk: MemoryDisk, path: string): Promise<{ nodes: SnapshotNode[]; scanner: SnapshotScanner }> {
  const file = snapshotAt(path)
  assert.ok(file)
  const scanner = new SnapshotScanner(disk, file)
  const nodes: SnapshotNode[] = []
  for await (const batch of scanner.batches()) nodes.push(...batch)
  return { nodes, scanner }
}

for (const compression of ['none', 'gz', 'snappy'] as const) {
  test(`the znodes of a snapshot (${compression}) are those of the tree, parents first`, async () => {
    const disk = await newDisk()
    const server = await SmallServer.start(disk, { compression })
    for (let index = 0; index < 300; index++) server.create(`/n${index}`, 'x'.repeat(index))
    server.create('/n1/below', 'deep', { ephemeral: true, clientId: 7n })
    await server.flush()
    const { snapshot } = (await server.takeSnapshot()) as { snapshot: { path: string } }
    const { nodes, scanner } = await scan(disk, snapshot.path)
    assert.deepEqual([scanner.damage, scanner.trailer?.lastZxid], [null, 301])
    const byPath = new Map(nodes.map((node) => [node.path, node]))
    const { tree } = server.database
    for (const [path, { data, acl, stat }] of byPath) {
      const node = tree.find(path)
      assert.equal(Buffer.compare(data ?? Buffer.alloc(0), tree.data(node) ?? Buffer.alloc(0)), 0, path)
      assert.deepEqual([stat.czxid, stat.ephemeralOwner], [tree.czxid(node), tree.owner(node)])
      assert.deepEqual(acl, tree.acls.get(tree.aclId(node)))
    }
    assert.equal(byPath.get('/n1/below')?.stat.ephemeralOwner, 7n)
    assert.ok(nodes.findIndex(({ path }) => path === '/n1') < nodes.findIndex(({ path }) => path === '/n1/below'))
    assert.ok(byPath.size >= 302)
  })
}

test('a body is taken apart alike in whatever pieces it comes', async () => {
  const bytes = (await contents(await twoLogs(), at('snapshot.14'))).subarray(16)
  const takeApart = (sizes: () => number): { paths: string[]; taken: number } => {
    const items = new SnapshotItems()
    const nodes: SnapshotNode[] = []
    let taken = 0
    for (let from = 0; from < bytes.length && !items.done; ) {
      const to = Math.min(bytes.length, from + sizes())
      taken += items.feed(bytes.subarray(from, to), nodes)
      from = to
    }
    assert.ok(items.done)
    return { paths: nodes.map(({ path }) => path), taken }
  }
  const whole = takeApart(() => bytes.length)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (sizes) => {
      let next = 0
      assert.deepEqual(
        takeApart(() => sizes[next++ % sizes.length] as number),
        whole,
      )
    }),
  )
})

test('a changed or missing byte shows', async () => {
  const disk = await twoLogs()
  const whole = await contents(disk, at('snapshot.14'))
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (position, bits, cut) => {
        const bytes = Buffer.from(cut ? whole.subarray(0, position) : whole)
        if (!cut) bytes[position]! ^= bits
        disk.place(`${LOG_DIRECTORY}/snapshot.14`, bytes)
        const { scanner } = await scan(disk, at('snapshot.14'))
        // The header's dbid and version are covered as well: every byte is.
        assert.notEqual(scanner.damage, null)
      },
    ),
    { numRuns: 200 },
  )
})
