import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ServerProcess } from '../server-process.ts'
import { FrameMaker } from './frames.ts'
import { znodeCount } from './limits.ts'
import type { ProbeOptions, ProbeReport } from './probe.ts'

export interface FuzzOptions {
  seed: number
  /** How many frames the server is to take in all. */
  frames: number
  /** Connections at a time. */
  connections: number
}

/** What came of it. */
export interface FuzzReport {
  /** Frames that the server answered or hung up on; what it never read is not counted. */
  frames: number
  connections: number
  seconds: number
  /** What the pings of a well-behaved session took meanwhile. */
  pings: ProbeReport
  /** Before, after each twentieth of the frames, and at the end. */
  memory: MemorySample[]
}

/** What the server held at one point. */
export interface MemorySample {
  frames: number
  residentBytes: number
  znodes: number
}

const SAMPLES = 20

/** Frames in one write; fewer where the connection will not last. */
const BLOCK_FRAMES = 250
const BLOCK_FRAMES_ILL_FRAMED = 32

/** Frames sent and not answered yet, at most: what the server has not read when it hangs up is lost. */
const WINDOW_FRAMES = 1000

/**
 * Sends hostile frames over many connections, each reconnecting whenever the server hangs up, while a session of good
 * manners pings. Rejects when that session loses its connection: a server must not let one client suffer for another.
 */
export async function fuzz(server: ServerProcess, options: FuzzOptions): Promise<FuzzReport> {
  const workerData: ProbeOptions = { port: server.port, pid: server.pid }
  const probe = new Worker(new URL('./probe.js', import.meta.url), { workerData })
  const probed = once(probe, 'message') as Promise<[ProbeReport]>
  const report: FuzzReport = {
    frames: 0,
    connections: 0,
    seconds: 0,
    pings: { slowestMs: 0, slowestOwnMs: 0, pings: 0 },
    memory: [await sample(server, 0)],
  }
  const started = Date.now()
  const attackers = Array.from({ length: options.connections }, (_, at) => {
    const maker = new FrameMaker(options.seed * 1000 + at)
    return attack(server.port, maker, report, Math.ceil(options.frames / options.connections))
  })
  let over = false
  const attacked = Promise.all(attackers).finally(() => {
    over = true
    probe.postMessage('stop')
  })
  const watched = watchMemory(server, report, options.frames / SAMPLES, () => over)
  const [[pings]] = await Promise.all([probed, attacked, watched])
  report.pings = pings
  report.seconds = (Date.now() - started) / 1000
  report.memory.push(await sample(server, report.frames))
  return report
}

/** Takes a sample each time so many more frames have been taken, until it is over. */
async function watchMemory(
  server: ServerProcess,
  report: FuzzReport,
  every: number,
  isOver: () => boolean,
): Promise<void> {
  for (let next = every; !isOver(); ) {
    await delay(20)
    if (report.frames < next || isOver()) continue
    report.memory.push(await sample(server, report.frames))
    next += every
  }
}

async function sample(server: ServerProcess, frames: number): Promise<MemorySample> {
  return { frames, residentBytes: server.residentBytes(), znodes: await znodeCount(server) }
}

/** One connection after another, until so many frames have been taken. */
async function attack(port: number, maker: FrameMaker, report: FuzzReport, frames: number): Promise<void> {
  for (let left = frames, turn = 0; left > 0; turn++) {
    const taken = await oneConnection(port, maker, left, turn % 16 !== 0)
    left -= taken
    report.frames += taken
    report.connections++
  }
}

/** Sends until the server hangs up or has answered enough; returns how many frames it took. */
function oneConnection(port: number, maker: FrameMaker, limit: number, wellFramed: boolean): Promise<number> {
  return new Promise((resolve) => {
    const replies = new ReplyCounter()
    let sent = 0
    let blocked = false
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const send = () => {
      while (!blocked && sent < limit && sent - replies.count < WINDOW_FRAMES) {
        const wanted = Math.min(wellFramed ? BLOCK_FRAMES : BLOCK_FRAMES_ILL_FRAMED, limit - sent)
        // A copy: the socket may hold on to it, and the maker uses its memory again.
        blocked = !socket.write(Buffer.from(maker.block(wanted, wellFramed)))
        sent += maker.framesInBlock
        if (!wellFramed) break
      }
      if (sent >= limit || !wellFramed) socket.end()
    }
    socket.on('connect', () => {
      socket.write(maker.hello())
      send()
    })
    socket.on('drain', () => {
      blocked = false
      send()
    })
    socket.on('data', (chunk) => {
      replies.take(chunk)
      send()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(Math.min(Math.max(sent, 1), replies.count + 1)))
  })
}

/** Counts the frames in a stream of bytes, events excepted, without keeping them. */
class ReplyCounter {
  count = 0
  /** The first eight bytes of the frame at hand, as far as they have come. */
  readonly #head = Buffer.alloc(8)
  #have = 0
  #skip = 0

  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at)
        this.#skip -= skipped
        at += skipped
        continue
      }
      this.#head[this.#have++] = chunk[at++]!
      if (this.#have < 8) continue
      this.#have = 0
      this.#skip = this.#head.readInt32BE(0) - 4
      if (this.#head.readInt32BE(4) !== -1) this.count++
    }
  }
}
