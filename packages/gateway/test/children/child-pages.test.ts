import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Stat } from '@vivarium/client'
import { ChildPages } from '../../dist/children/child-pages.js'
import type { PooledClient } from '../../dist/clients/client-pool.js'
import { ManualClock } from '../manual-clock.ts'

const LARGE = 20_000

/** A folder before a client that counts what it is asked for. */
class Folder {
  readonly clock = new ManualClock()
  readonly asked: string[] = []
  children: string[]
  stat = { czxid: 1, cversion: 0, aversion: 0, numChildren: 0 } as Stat
  /** How long it takes to list them. */
  tookMs = 0
  /** How reads in the server's own process end. */
  inProcess: boolean[] = []

  constructor(children: number) {
    this.children = Array.from({ length: children }, (_, i) => `n${i}`)
    this.stat = { ...this.stat, numChildren: children }
  }

  readonly client = {
    key: 'somebody',
    zk: {
      exists: async () => this.#answer('exists', this.stat),
      getData: async () => this.#answer('getData', { data: null, stat: this.stat }),
      getChildren2: async () => this.#answer('getChildren2', this.#list()),
    },
  } as unknown as PooledClient

  readonly namesInProcess = (): Generator<readonly string[], boolean> => {
    const { children, inProcess } = this
    const { asked } = this
    return (function* () {
      asked.push('inProcess')
      yield children.slice(0, 1)
      yield children.slice(1)
      return inProcess.shift() ?? true
    })()
  }

  create(name: string): void {
    this.children = [...this.children, name]
    const { cversion, numChildren } = this.stat
    this.stat = { ...this.stat, cversion: cversion + 1, numChildren: numChildren + 1 }
  }

  /** What was asked since the last time. */
  takeAsked(): string[] {
    return this.asked.splice(0)
  }

  #list(): { children: string[]; stat: Stat } {
    this.clock.pass(this.tookMs)
    return { children: this.children, stat: this.stat }
  }

  #answer<T>(what: string, answer: T): T {
    this.asked.push(what)
    return answer
  }
}

const pagesOf = ({ clock }: Folder, mostBytes = 2 ** 20): ChildPages => new ChildPages({ mostBytes, clock })

test('a folder is read for its first page, by one of those who want it, and then only looked at', async () => {
  const folder = new Folder(3)
  const pages = pagesOf(folder)
  const [one, other] = await Promise.all([pages.read(folder.client, '/f'), pages.read(folder.client, '/f')])
  assert.deepEqual(folder.takeAsked(), ['getChildren2'])
  assert.equal(one.names, other.names)
  assert.equal((await pages.read(folder.client, '/f')).names, one.names)
  assert.deepEqual(folder.takeAsked(), ['exists'])
})

test('a folder that has changed, or of which others may know now, is read again', async () => {
  const folder = new Folder(3)
  const pages = pagesOf(folder)
  await pages.read(folder.client, '/f')
  folder.create('new')
  assert.equal((await pages.read(folder.client, '/f')).names.length, 4)
  folder.takeAsked()
  folder.stat = { ...folder.stat, aversion: 1 }
  await pages.read(folder.client, '/f')
  assert.deepEqual(folder.takeAsked(), ['exists', 'getChildren2'])
})

test('a failed read is not what others get', async () => {
  const folder = new Folder(3)
  const pages = pagesOf(folder)
  const client = { ...folder.client, zk: { getChildren2: () => Promise.reject(new Error('gone')) } } as never
  await assert.rejects(pages.read(client, '/f'), /gone/)
  assert.equal((await pages.read(folder.client, '/f')).names.length, 3)
})

test('very many children that change all the time are read a tenth of the time, and it is said that there are others', async () => {
  const folder = new Folder(LARGE)
  folder.tookMs = 100
  const pages = pagesOf(folder)
  await pages.read(folder.client, '/f')
  folder.create('new')
  folder.clock.pass(999)
  const before = await pages.read(folder.client, '/f')
  assert.deepEqual([before.names.length, before.stat.cversion, before.outdated], [LARGE, 0, true])
  folder.clock.pass(1)
  const after = await pages.read(folder.client, '/f')
  assert.deepEqual([after.names.length, after.stat.cversion, after.outdated], [LARGE + 1, 1, false])
})

test('what is remembered takes no more memory than it may: the least recently used goes', async () => {
  const folder = new Folder(1000)
  const { bytes } = (await pagesOf(folder).read(folder.client, '/a')).names
  const pages = pagesOf(folder, 2 * bytes)
  for (const path of ['/a', '/b', '/a', '/c']) await pages.read(folder.client, path)
  folder.takeAsked()
  for (const path of ['/a', '/c', '/b']) await pages.read(folder.client, path)
  assert.deepEqual(folder.takeAsked(), ['exists', 'exists', 'getChildren2'])
})

test('where there is a server in the same process, many names come from it, after a request that only a reader is answered', async () => {
  const folder = new Folder(LARGE)
  const { clock, namesInProcess: inProcess } = folder
  const pages = new ChildPages({ mostBytes: 2 ** 22, clock, inProcess })
  assert.equal((await pages.read(folder.client, '/f')).names.length, LARGE)
  assert.deepEqual(folder.takeAsked(), ['getData', 'inProcess'])
  const client = { ...folder.client, zk: { getData: () => Promise.reject(new Error('NoAuth')) }, key: 'other' } as never
  await assert.rejects(pages.read(client, '/f'), /NoAuth/)
  assert.deepEqual(folder.takeAsked(), [])
})

test('a read in the same process that was disturbed is begun anew, and in the end left to a connection', async () => {
  const folder = new Folder(LARGE)
  const { clock, namesInProcess: inProcess } = folder
  folder.inProcess = [false]
  const pages = new ChildPages({ mostBytes: 1, clock, inProcess })
  assert.equal((await pages.read(folder.client, '/f')).names.length, LARGE)
  assert.deepEqual(folder.takeAsked(), ['getData', 'inProcess', 'getData', 'inProcess'])
  folder.inProcess = [false, false, false]
  assert.equal((await pages.read(folder.client, '/f')).names.length, LARGE)
  assert.equal(folder.takeAsked().at(-1), 'getChildren2')
})
