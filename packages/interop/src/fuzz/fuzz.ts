import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { ServerProcess } from '../server-process.ts'
import { FrameMaker } from './frames.ts'

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
  /** How long the slowest ping of a well-behaved session took, in milliseconds. */
  slowestPingMs: number
  residentBefore: number
  residentAfter: number
}

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
  const probe = new Worker(new URL('./probe.js', import.meta.url), { workerData: server.port })
  const probed = once(probe, 'message')
  const started = Date.now()
  const report: FuzzReport = {
    frames: 0,
    connections: 0,
    seconds: 0,
    slowestPingMs: 0,
    residentBefore: server.residentBytes(),
    residentAfter: 0,
  }
  const attackers = Array.from({ length: options.connections }, (_, at) => {
    const maker = new FrameMaker(options.seed * 1000 + at)
    return attack(server.port, maker, report, Math.ceil(options.frames / options.connections))
  })
  const attacked = Promise.all(attackers).finally(() => probe.postMessage('stop'))
  const [[slowest]] = await Promise.all([probed, attacked])
  report.slowestPingMs = Number(slowest)
  report.seconds = (Date.now() - started) / 1000
  report.residentAfter = server.residentBytes()
  return report
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
