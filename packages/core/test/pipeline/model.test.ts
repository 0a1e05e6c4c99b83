import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpCode, Reader, type Stat } from '@vivarium/protocol'
import fc from 'fast-check'
import { create, pathOf, type Reply, resultsOf, type Sub, setData, statOf, type TestClient, text } from './client.ts'
import { childrenOf, closeSession, EMPTY, type Model, type ModelNode, multi, type WriteOp, write } from './model.ts'
import { TestServer } from './server.ts'

type Command =
  | { readonly do: 'write'; readonly client: number; readonly op: Exclude<WriteOp, { op: 'check' }> }
  | { readonly do: 'multi'; readonly client: number; readonly ops: readonly WriteOp[] }
  | { readonly do: 'exists' | 'getData' | 'getChildren'; readonly client: number; readonly path: string }
  | { readonly do: 'syncRequest'; readonly client: number }
  | { readonly do: 'malformed'; readonly client: number }
  | { readonly do: 'close'; readonly client: number }
  /** The disk gets as far as this share of what is outstanding. */
  | { readonly do: 'disk'; readonly share: number }

const CLIENTS = 3
const client = fc.nat(CLIENTS - 1)
const path = fc.constantFrom('/a', '/b', '/a/x', '/a/y', '/b/x', '/a/x/z', '/a/n-0000000000', '/a/n-0000000001', '/')
const version = fc.constantFrom(-1, -1, -1, 0, 1, 2)
const data = fc.constantFrom(null, '', 'one', 'a longer one')
const createOp = fc.record({
  op: fc.constant('create' as const),
  path: fc.oneof(path, fc.constantFrom('/a/n-', '/b/n-')),
  flags: fc.constantFrom(0, 0, 0, 1, 2, 3),
  data,
})
const setOp = fc.record({ op: fc.constant('setData' as const), path, version, data })
const deleteOp = fc.record({ op: fc.constant('delete' as const), path, version })
const checkOp = fc.record({ op: fc.constant('check' as const), path, version })
const ops = fc.oneof({ weight: 3, arbitrary: createOp }, setOp, deleteOp)
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('write' as const), client, op: ops }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('multi' as const),
      client,
      ops: fc.array(fc.oneof(ops, checkOp), { maxLength: 5 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('exists' as const, 'getData' as const, 'getChildren' as const),
      client,
      path,
    }),
  },
  fc.record({ do: fc.constant('syncRequest' as const), client }),
  fc.record({ do: fc.constant('malformed' as const), client }),
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('disk' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  fc.record({ do: fc.constant('close' as const), client }),
)

/** What a request is to be answered with; a function of the model that is applied when it is answered. */
type Expectation = (reply: Reply, applied: Model) => void

class Run {
  readonly server = new TestServer()
  readonly clients = Array.from({ length: CLIENTS }, () => this.server.client())
  /** By zxid: the model once that transaction is applied. */
  readonly models = new Map<number, Model>([[this.server.preparer.lastZxid, EMPTY]])
  readonly expected = this.clients.map((): { readonly expect: Expectation }[] => [])

  get latest(): Model {
    return this.models.get(this.server.preparer.lastZxid) as Model
  }

  /** Sends a request that becomes a transaction. */
  change(client: number, send: () => void, next: (zxid: number) => Model, expect: Expectation): void {
    const zxid = this.server.preparer.lastZxid + 1
    this.models.set(zxid, next(zxid))
    this.expected[client]?.push({ expect })
    send()
    assert.equal(this.server.preparer.lastZxid, zxid)
  }

  step(command: Command): void {
    if (command.do === 'disk') {
      const { lastProcessedZxid: from } = this.server.tree
      this.disk(from + Math.round((this.server.preparer.lastZxid - from) * command.share))
      return
    }
    const at = command.client
    const client = this.clients[at] as TestClient
    if (!client.open || client.session.closing) return
    const before = this.latest
    switch (command.do) {
      case 'write': {
        const { op } = command
        const outcome = (zxid: number) => write(before, op, at, zxid)
        this.change(
          at,
          () => client.send(...requestOf(op)),
          (zxid) => outcome(zxid).model,
          (reply, applied) => {
            const expected = outcome(reply.zxid)
            assert.equal(reply.code, expected.code)
            if (reply.code === 'OK') this.#checkWrite(op.op, reply, applied, expected.path || op.path)
          },
        )
        break
      }
      case 'multi': {
        const outcome = (zxid: number) => multi(before, command.ops, at, zxid)
        this.change(
          at,
          () => client.send('multi', command.ops.map(requestOf)),
          (zxid) => outcome(zxid).model,
          (reply) => checkMulti(reply, command.ops, outcome(reply.zxid)),
        )
        break
      }
      case 'close':
        this.change(
          at,
          () => client.send('closeSession'),
          (zxid) => closeSession(before, at, zxid),
          (reply) => assert.equal(reply.code, 'OK'),
        )
        break
      default:
        this.expected[at]?.push({ expect: (reply, applied) => this.#checkRead(command, reply, applied) })
        if (command.do === 'malformed') client.sendBytes(OpCode.setData, new Uint8Array(5))
        else if (command.do === 'syncRequest') client.send('sync', { path: '/s' })
        else client.send(command.do, { path: command.path, watch: false })
    }
    this.take()
  }

  /** Applies transaction by transaction, so that it is known what was applied when each reply was made. */
  disk(zxid: number): void {
    while (this.server.tree.lastProcessedZxid < zxid) {
      this.server.sync(this.server.tree.lastProcessedZxid + 1)
      this.take()
    }
  }

  take(): void {
    const applied = this.models.get(this.server.tree.lastProcessedZxid) as Model
    for (const [i, client] of this.clients.entries()) {
      for (const reply of client.take()) this.expected[i]?.shift()?.expect(reply, applied)
    }
  }

  #checkWrite(op: WriteOp['op'], reply: Reply, applied: Model, path: string): void {
    if (op === 'create') assert.equal(pathOf(reply), path)
    else if (op === 'setData') this.#checkStat(statOf(reply), applied, path)
    else assert.equal(reply.body.length, 0)
  }

  #checkRead(command: Exclude<Command, { do: 'disk' | 'write' | 'multi' }>, reply: Reply, applied: Model): void {
    assert.equal(reply.zxid, this.server.tree.lastProcessedZxid)
    if (command.do === 'malformed') return assert.equal(reply.code, 'MARSHALLINGERROR')
    if (command.do === 'syncRequest') return assert.equal(reply.code, 'OK')
    if (command.do === 'close') return
    const node = applied.get(command.path)
    if (node === undefined) return assert.equal(reply.code, 'NONODE')
    const reader = new Reader(reply.body)
    if (command.do === 'getChildren') {
      const names = reader.vector((r) => r.text()) ?? []
      const expected = childrenOf(applied, command.path)
      if (command.path === '/') expected.push('zookeeper')
      assert.deepEqual(names.sort(), expected.sort())
      return
    }
    if (command.do === 'getData') assert.deepEqual(textOf(reader.buffer()), node.data)
    this.#checkStat(statOf(reply), applied, command.path)
  }

  #checkStat(stat: Stat, applied: Model, path: string): void {
    const node = applied.get(path) as ModelNode
    const children = childrenOf(applied, path).length + (path === '/' ? 1 : 0)
    const owner = node.owner === null ? 0n : this.clients[node.owner]?.sessionId
    assert.deepEqual(
      [stat.version, stat.cversion, stat.czxid, stat.mzxid, stat.pzxid, stat.ephemeralOwner, stat.numChildren],
      [node.version, node.cversion * 2 - children, node.czxid, node.mzxid, node.pzxid, owner, children],
    )
    assert.equal(stat.dataLength, node.data?.length ?? 0)
  }

  /** The whole tree is as the model says. */
  finish(): void {
    this.disk(this.server.preparer.lastZxid)
    assert.deepEqual(
      this.expected,
      this.clients.map(() => []),
      'everything was answered',
    )
    assert.equal(this.server.processor.inProcess, 0)
    const { tree } = this.server
    for (const [path, node] of this.latest) assert.deepEqual(textOf(tree.data(tree.find(path))), node.data)
    assert.equal(tree.nodeCount, this.latest.size + 4)
  }
}

function textOf(data: Uint8Array | null): string | null {
  return data === null ? null : Buffer.from(data).toString()
}

function requestOf(op: WriteOp): Sub {
  switch (op.op) {
    case 'create':
      return ['create', create(op.path, { flags: op.flags, data: op.data === null ? null : text(op.data) })]
    case 'setData':
      return ['setData', setData(op.path, op.data, op.version)]
    default:
      return [op.op, { path: op.path, version: op.version }]
  }
}

function checkMulti(reply: Reply, ops: readonly WriteOp[], expected: ReturnType<typeof multi>): void {
  assert.equal(reply.code, 'OK')
  const results = resultsOf(reply)
  if (expected.codes.some((code) => code !== 'OK')) {
    assert.deepEqual(
      results,
      expected.codes.map((code) => `error ${code}`),
    )
    return
  }
  const paths = results.map((result, i) => (ops[i]?.op === 'create' ? result.slice('create '.length) : ''))
  assert.deepEqual(paths, expected.paths)
}

test('random requests of several clients are answered, and leave the tree, as a simple model says', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const run = new Run()
      // Deleting the root, or creating it, is an error of its own kind: it is tested elsewhere.
      for (const command of commands) if (!isAboutRoot(command)) run.step(command)
      run.finish()
    }),
    { numRuns: 300 },
  )
})

function isAboutRoot(command: Command): boolean {
  const ops = command.do === 'multi' ? command.ops : command.do === 'write' ? [command.op] : []
  return ops.some(({ op, path }) => path === '/' && op === 'delete')
}
