import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { KeeperError, ZooKeeper } from '@vivarium/client'
import { Ensemble, VIVARIUM } from './interop.ts'
import { changeName, type StreamCrowdOptions, type StreamCrowdState } from './stream-crowd.ts'

const POLL_MS = 200
/** For how long changes may be on their way before this is given up. */
const PATIENCE_MS = 120_000

export interface EventStreamsOptions {
  readonly streams: number
  /** What is watched: each by its share of the streams. */
  readonly paths: number
  /** Changes of each path in each of the phases. */
  readonly changes: number
  /** Between two changes of some path, in milliseconds. */
  readonly pauseMs: number
  /** Processes that have the readers. */
  readonly crowds: number
}

export interface EventStreamsResult extends EventStreamsOptions {
  readonly openedMs: number
  /** Of the gateway, with all streams open. */
  readonly memoryMb: number
  /** From being made to being heard of by a stream, in milliseconds, while nothing else happens. */
  readonly quiet: StreamCrowdState['delays']
  /** How long it took until half of the streams had come back, while changes were made. */
  readonly reconnectedMs: number
  /** From the end of the leader until every stream had heard of every change that was made meanwhile. */
  readonly leaderChangeMs: number
  /** How many changes have arrived, of how many. */
  readonly arrived: number
  readonly expected: number
  /** Of them, those that came twice or out of order; and gaps, and streams that were cut off. */
  readonly wrong: number
}

/**
 * Opens many event streams at one gateway before an ensemble, and has them look whether every change arrives once and in order:
 * while nothing else happens, while half of them are lost and come back, and while the leader is killed.
 */
export async function measureEventStreams(options: EventStreamsOptions): Promise<EventStreamsResult> {
  const { streams, changes, crowds } = options
  const ensemble = await Ensemble.layOut(3, { config: { tickTime: '2000', snapCount: '1000000' } })
  const children: ChildProcess[] = []
  try {
    await ensemble.start(() => VIVARIUM)
    const servers = ensemble.members.map(({ port }) => `127.0.0.1:${port}`).join(',')
    const zk = await ZooKeeper.connect(servers)
    const paths = Array.from({ length: options.paths }, (_, i) => `/streams/p${i}`)
    for (const path of paths) await zk.ensurePath(path)
    const gateway = await startGateway(servers)
    children.push(gateway.process)
    const readers = Array.from({ length: crowds }, () =>
      fork(fileURLToPath(new URL('stream-crowd-process.js', import.meta.url))),
    )
    children.push(...readers)
    let made = 0
    const write = async (): Promise<void> => {
      for (let i = 0; i < changes; i++, made++) {
        for (const path of paths) {
          await create(zk, `${path}/${changeName(made)}`)
          await delay(options.pauseMs)
        }
      }
    }
    const heard = async (): Promise<StreamCrowdState[]> => {
      for (const until = performance.now() + PATIENCE_MS; performance.now() < until; await delay(POLL_MS)) {
        const states = await tellAll(readers, 'state')
        if (states.every(({ least }) => least >= made)) return states
      }
      return await tellAll(readers, 'state')
    }
    const begun = performance.now()
    const share = Math.floor(streams / crowds)
    await tellAll(readers, { port: gateway.port, paths, streams: share })
    const openedMs = performance.now() - begun
    const memoryMb = residentMb(gateway.process)
    await write()
    await delay(POLL_MS)
    const quiet = worst((await heard()).map(({ delays }) => delays))
    const reconnecting = performance.now()
    let reconnectedMs = 0
    await Promise.all([
      write(),
      tellAll(readers, 'reconnect').then(() => {
        reconnectedMs = performance.now() - reconnecting
      }),
    ])
    await heard()
    const leader = await ensemble.settled()
    const killed = performance.now()
    await leader.kill()
    await write()
    const states = await heard()
    const leaderChangeMs = performance.now() - killed
    await zk.close()
    const sum = (field: 'changes' | 'wrong'): number => states.reduce((total, state) => total + state[field], 0)
    return {
      ...options,
      openedMs: Math.round(openedMs),
      memoryMb,
      quiet,
      reconnectedMs: Math.round(reconnectedMs),
      leaderChangeMs: Math.round(leaderChangeMs),
      arrived: sum('changes'),
      expected: made * share * crowds,
      wrong: sum('wrong'),
    }
  } finally {
    for (const child of children) child.kill()
    await ensemble.dispose()
  }
}

/** Whether it was created by an answer that was lost does not matter: it is there. */
async function create(zk: ZooKeeper, path: string): Promise<void> {
  await zk.create(path, { retry: true }).catch((error) => {
    if (!KeeperError.is(error, 'NODEEXISTS')) throw error
  })
}

/** In a process of its own. */
async function startGateway(servers: string): Promise<{ readonly process: ChildProcess; readonly port: number }> {
  const bin = createRequire(import.meta.url)
    .resolve('@vivarium/cli')
    .replace(/dist.*$/, 'bin/vivarium.js')
  const child = spawn(process.execPath, [bin, 'gateway', '--servers', servers, '--listen', '127.0.0.1:0'])
  let log = ''
  return await new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(log)?.[1]
      if (port !== undefined) resolve({ process: child, port: Number(port) })
    })
    child.on('exit', () => reject(new Error(`the gateway has not started: ${log}`)))
  })
}

type Message = StreamCrowdOptions | 'reconnect' | 'state'

async function tellAll(readers: readonly ChildProcess[], message: Message): Promise<StreamCrowdState[]> {
  return await Promise.all(
    readers.map(async (reader) => {
      const answered = once(reader, 'message')
      reader.send(message)
      const [state] = await answered
      return state as StreamCrowdState
    }),
  )
}

function residentMb({ pid }: ChildProcess): number {
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kb) / 1024)
}

function worst(all: readonly StreamCrowdState['delays'][]): StreamCrowdState['delays'] {
  const most = (field: 'p50' | 'p99' | 'max'): number => Math.max(...all.map((each) => each[field]))
  return { p50: most('p50'), p99: most('p99'), max: most('max') }
}
