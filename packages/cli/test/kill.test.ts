import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ConnectRequest, OPEN_ACL_UNSAFE, OpCode, Operation, Reader, Writer } from '@vivarium/protocol'

const BIN = fileURLToPath(new URL('../bin/vivarium.js', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'vivarium-kill-'))
after(() => rmSync(directory, { recursive: true }))

const framed = (write: (writer: Writer) => void): Uint8Array => {
  const body = new Writer()
  write(body)
  const frame = new Writer()
  frame.buffer(body.finish())
  return frame.finish()
}

const CONNECT = framed((writer) =>
  ConnectRequest.write(writer, {
    protocolVersion: 0,
    lastZxidSeen: 0,
    timeOut: 30_000,
    sessionId: 0n,
    passwd: new Uint8Array(16),
    readOnly: false,
  }),
)

const createFrame = (xid: number): Uint8Array =>
  framed((writer) => {
    writer.int(xid)
    writer.int(OpCode.create)
    Operation.create.request.write(writer, {
      path: `/n${xid}`,
      data: new Uint8Array(200),
      acl: OPEN_ACL_UNSAFE,
      flags: 0,
    })
  })

const childrenFrame = framed((writer) => {
  writer.int(1)
  writer.int(OpCode.getChildren)
  Operation.getChildren.request.write(writer, { path: '/', watch: false })
})

/** Hands over each frame that comes, without its length. */
function onFrames(socket: Socket, frame: (bytes: Uint8Array) => void): void {
  let rest: Uint8Array = new Uint8Array(0)
  socket.on('data', (chunk: Uint8Array) => {
    const bytes = Buffer.concat([rest, chunk])
    let at = 0
    for (; bytes.length - at >= 4 && bytes.readInt32BE(at) <= bytes.length - at - 4; at += 4 + bytes.readInt32BE(at)) {
      frame(bytes.subarray(at + 4, at + 4 + bytes.readInt32BE(at)))
    }
    rest = bytes.subarray(at)
  })
  socket.on('error', () => {})
}

async function start(config: string): Promise<{ port: number; end: (signal: NodeJS.Signals) => Promise<void> }> {
  const child = spawn(process.execPath, [BIN, 'server', config], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    let out = ''
    child.stdout.on('data', (data: Buffer) => {
      out += data
      const found = /connect to +127\.0\.0\.1:(\d+)/.exec(out)?.[1]
      if (found !== undefined) resolve(Number(found))
    })
    child.on('close', () => reject(new Error(`the server ended: ${out}`)))
  })
  return {
    port,
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}

/** Keeps `window` creates under way until `enough` have been acknowledged; then calls `done` in the midst of it. */
function fill(port: number, from: number, enough: number, done: () => void): Promise<number> {
  const window = 64
  let sent = from
  let acknowledged = from
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(CONNECT))
    const more = (): void => {
      while (sent < acknowledged + window) socket.write(createFrame(++sent))
    }
    let connected = false
    onFrames(socket, (bytes) => {
      if (connected) {
        const reply = new Reader(bytes)
        assert.equal(reply.int(), acknowledged + 1, 'replies come in order')
        reply.zxid()
        assert.equal(reply.int(), 0)
        if (++acknowledged === from + enough) done()
      }
      connected = true
      more()
    })
    socket.on('close', () => resolve(acknowledged))
  })
}

function children(port: number): Promise<Set<string>> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(CONNECT))
    let connected = false
    onFrames(socket, (bytes) => {
      if (!connected) {
        connected = true
        socket.write(childrenFrame)
        return
      }
      // Behind the header.
      const reply = new Reader(bytes.subarray(16))
      socket.destroy()
      resolve(new Set(Operation.getChildren.response.read(reply).children))
    })
  })
}

test('what was acknowledged before kill -9 is there after the next start, whenever it struck', async () => {
  const config = join(directory, 'zoo.cfg')
  writeFileSync(
    config,
    `dataDir=${directory}/data\nclientPort=0\nclientPortAddress=127.0.0.1\nsnapCount=200\npreAllocSize=64\nlog.level=fatal\n`,
  )
  let acknowledged = 0
  for (const enough of [1, 137, 400]) {
    const server = await start(config)
    const present = await children(server.port)
    for (let i = 1; i <= acknowledged; i++) assert.ok(present.has(`n${i}`), `/n${i} was acknowledged and is lost`)
    // Some that were not acknowledged may be there: what comes next is numbered behind them.
    const last = Math.max(0, ...[...present].map((name) => Number(/^n(\d+)$/.exec(name)?.[1] ?? 0)))
    assert.equal(present.size, last + 1, 'and none is missing among those that are there')
    let killed = Promise.resolve()
    acknowledged = await fill(server.port, last, enough, () => {
      killed = server.end('SIGKILL')
    })
    await killed
  }
  const server = await start(config)
  const present = await children(server.port)
  for (let i = 1; i <= acknowledged; i++) assert.ok(present.has(`n${i}`))
  await server.end('SIGTERM')
})
