import { Readable } from 'node:stream'
import { createGunzip, gzipSync } from 'node:zlib'
import { compress, uncompress } from 'snappyjs'
import { readUint32, writeUint32 } from './log-format.ts'
import type { Compression } from './snapshot-format.ts'

/** snappy-java's `SnappyOutputStream`: magic number, version 1, compatible with version 1; then blocks. */
const SNAPPY_HEADER = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1)
/** What `SnappyOutputStream` puts into a block unless told otherwise. */
const SNAPPY_BLOCK_BYTES = 32 * 1024
/** The longest block that is accepted: `SnappyOutputStream` takes no block size beyond it. */
const SNAPPY_MAX_BLOCK_BYTES = 512 * 1024 * 1024
/** A block of snappy cannot expand more than this: a copy of 64 bytes takes three. */
const SNAPPY_MAX_EXPANSION = 32

/** Turns the pieces of a stream, in order, into those of the compressed stream. */
export type Compressor = (piece: Uint8Array) => Uint8Array

export function createCompressor(method: Compression): Compressor {
  switch (method) {
    case 'none':
      return (piece) => piece
    case 'gz':
      // A gzip file is one or more members, and each piece becomes one: nothing is kept from piece to piece.
      return (piece) => gzipSync(piece, { level: 6 })
    case 'snappy': {
      let started = false
      return (piece) => {
        const parts: Uint8Array[] = started ? [] : [SNAPPY_HEADER]
        started = true
        for (let at = 0; at < piece.length; at += SNAPPY_BLOCK_BYTES) {
          const block = compress(piece.subarray(at, Math.min(at + SNAPPY_BLOCK_BYTES, piece.length)))
          const length = new Uint8Array(4)
          writeUint32(length, 0, block.length)
          parts.push(length, block)
        }
        return Buffer.concat(parts)
      }
    }
  }
}

/** The bytes that a compressed stream stands for. Throws if it is none, or is cut off. */
export function decompress(method: Compression, chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  switch (method) {
    case 'none':
      return chunks
    case 'gz':
      return gunzip(chunks)
    case 'snappy':
      return unsnappy(chunks)
  }
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const output = createGunzip({ chunkSize: 256 * 1024 })
  const input = Readable.from(chunks, { objectMode: true, highWaterMark: 1 })
  input.on('error', (error) => output.destroy(error))
  input.pipe(output)
  try {
    yield* output as AsyncIterable<Uint8Array>
  } finally {
    input.destroy()
  }
}

async function* unsnappy(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let bytes: Uint8Array = new Uint8Array(0)
  let started = false
  for await (const chunk of chunks) {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    let at = 0
    if (!started) {
      if (bytes.length < SNAPPY_HEADER.length) continue
      if (!SNAPPY_HEADER.subarray(0, 8).every((byte, index) => bytes[index] === byte))
        throw new Error('no snappy header')
      at = SNAPPY_HEADER.length
      started = true
    }
    while (bytes.length - at >= 4) {
      const length = readUint32(bytes, at)
      if (length > SNAPPY_MAX_BLOCK_BYTES) throw new Error(`a snappy block of ${length} bytes`)
      if (bytes.length - at - 4 < length) break
      yield uncompress(bytes.subarray(at + 4, at + 4 + length), length * SNAPPY_MAX_EXPANSION)
      at += 4 + length
    }
    bytes = bytes.subarray(at)
  }
  if (!started || bytes.length > 0) throw new Error('the snappy stream is cut off')
}
