import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Stat, WatchEvent, ZooKeeper } from '@vivarium/client'
import { RequestError } from '@vivarium/client'
import { EventStream } from '../../dist/events/event-stream.js'
import { SharedWatch } from '../../dist/events/shared-watch.js'

/** A client whose requests are answered when a test says so, in their order, with what there is then. */
class HeldClient {
  readonly state = 'connected'
  readonly znodes = new Map<string, number>([['/a', 1]])
  readonly #waiting: (() => void)[] = []
  watcher: (event: WatchEvent) => void = () => {}
  rearmed: (reason: 'reconnected' | 'session') => void = () => {}

  async addWatch(
    _path: string,
    watcher: (event: WatchEvent) => void,
    options: { rearmed: (reason: 'reconnected' | 'session') => void },
  ): Promise<{ remove(): Promise<void> }> {
    this.watcher = watcher
    this.rearmed = options.rearmed
    return { remove: async () => {} }
  }

  sync(): Promise<void> {
    return this.#answer(() => {})
  }

  exists(path: string): Promise<Stat | null> {
    return this.#answer(() => this.#stat(path))
  }

  getChildren2(path: string): Promise<{ children: string[]; stat: Stat }> {
    return this.#answer(() => {
      const stat = this.#stat(path)
      if (stat === null) throw new RequestError('NONODE', path, { operation: 'getChildren2', maybeApplied: false })
      return { children: this.#below(path), stat }
    })
  }

  /** Answers the first of the requests that wait. */
  async answer(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.#waiting.shift()?.()
      await turn()
    }
  }

  #below(path: string): string[] {
    return [...this.znodes.keys()].filter((each) => each.startsWith(`${path}/`)).map((each) => each.slice(3))
  }

  #stat(path: string): Stat | null {
    const czxid = this.znodes.get(path)
    if (czxid === undefined) return null
    const pzxid = Math.max(...this.znodes.values())
    return { czxid, mzxid: czxid, pzxid, numChildren: this.#below(path).length } as Stat
  }

  #answer<T>(answer: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(answer())
        } catch (error) {
          reject(error)
        }
      })
    })
  }
}

/** A watch of `/a` with a stream, and what that was told. */
async function watched(): Promise<{ readonly zk: HeldClient; readonly told: () => string[] }> {
  const zk = new HeldClient()
  const written: string[] = []
  const response = { writableLength: 0, write: (text: Buffer) => written.push(text.toString()) }
  const stream = new EventStream(response as never, 1e6)
  let number = 0
  const watch = await SharedWatch.start({
    zk: zk as unknown as ZooKeeper,
    path: '/a',
    recursive: true,
    replayBytes: 1e6,
    host: {
      number: () => ({ number: ++number, id: `n-${number}` }),
      wake: (each) => queueMicrotask(() => each.flush()),
      roomFor: () => 10,
      ended: () => {},
    },
  })
  watch.streams.add(stream)
  await zk.answer(5)
  const told = (): string[] =>
    [...written.join('').matchAll(/event: (\w+)\ndata: .*"path":"([^"]*)"/g)].map(
      ([, event, path]) => `${event} ${path}`,
    )
  return { zk, told }
}

test('what a sweep has found that a second loss of the connection has overtaken is told once', async () => {
  const { zk, told } = await watched()
  zk.znodes.set('/a/missed', 2)
  zk.rearmed('reconnected')
  // The sync, and what is below: it is asked for, and not answered before the connection is lost once more.
  await zk.answer(3)
  zk.rearmed('reconnected')
  await zk.answer(10)
  assert.deepEqual(told(), ['created /a/missed'])
})

test('what happens while it is being read is told after what had happened before', async () => {
  const { zk, told } = await watched()
  zk.znodes.set('/a/missed', 2)
  zk.rearmed('reconnected')
  await zk.answer(1)
  zk.znodes.set('/a/live', 3)
  zk.watcher({ type: 'NodeCreated', path: '/a/live', zxid: 3 })
  await turn()
  assert.deepEqual(told(), [])
  await zk.answer(10)
  assert.deepEqual(told(), ['created /a/missed', 'created /a/live'])
})

test('before it is known what there is, a loss of the connection is a gap', async () => {
  const { zk, told } = await watched()
  for (let i = 0; i < 20; i++) zk.znodes.set(`/a/${i}`, 2 + i)
  zk.rearmed('reconnected')
  await zk.answer(3)
  zk.rearmed('reconnected')
  await zk.answer(50)
  assert.equal(told().at(0), 'gap /a')
})

test('after a loss before all was read again, the watch goes on all the same', async () => {
  const { zk, told } = await watched()
  zk.rearmed('reconnected')
  await zk.answer(1)
  // Without zxids nothing can be told apart any more, and the sweep that is under way is given up.
  zk.watcher({ type: 'NodeDataChanged', path: '/a', zxid: -1 })
  zk.rearmed('reconnected')
  await zk.answer(20)
  zk.watcher({ type: 'NodeDataChanged', path: '/a', zxid: 9 })
  await turn()
  assert.deepEqual(told(), ['gap /a', 'changed /a'])
})
