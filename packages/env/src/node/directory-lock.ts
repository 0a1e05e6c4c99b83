import { randomBytes } from 'node:crypto'
import { type FileHandle, open, readdir, realpath, rename, unlink } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import type { DirectoryLock, DiskError } from '../disk.ts'

/**
 * A directory is claimed by a Unix socket in it that somebody listens on. The kernel ends the claim with the process,
 * `kill -9` included; it holds between containers that share a volume, where process ids and start times would not
 * compare; and no clock is involved. (It does not reach across machines that share a network file system.)
 *
 * The order makes it exclusive: each contender first listens on a socket of its own, then looks for others. Of two, the
 * later one to listen sees the earlier one. Two that start in the same instant may refuse each other; never do both
 * proceed. A socket gets its final name by a rename once it listens, so one of that name that refuses a connection is
 * a dead process's and may be removed: names are never used twice.
 */
const CLAIM = /^lock-[0-9a-f]{16}\.sock$/
const UNBORN = /^lock-[0-9a-f]{16}\.new$/

function busy(path: string): DiskError {
  return Object.assign(new Error(`EBUSY: another process is using ${path}`), { code: 'EBUSY' })
}

function errorCode(error: unknown): string | undefined {
  return (error as DiskError).code
}

function listen(address: string): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => socket.destroy())
    server.once('error', reject)
    // Anyone may ask whether the holder lives, as a server may have been started under two users.
    server.listen({ path: address, readableAll: true, writableAll: true }, () => {
      server.off('error', reject)
      server.on('error', () => {})
      server.unref()
      resolve(server)
    })
  })
}

/** Whether somebody listens there. What cannot be told counts as yes: refusing to start harms nobody's data. */
function isAlive(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ path: address })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: DiskError) => resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'))
  })
}

function close(server: net.Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

/** How the sockets of a directory are addressed: the system allows about a hundred bytes, a path may have more. */
class SocketDirectory {
  readonly path: string
  readonly #handle: FileHandle | null

  constructor(path: string, handle: FileHandle | null) {
    this.path = path
    this.#handle = handle
  }

  static async open(path: string): Promise<SocketDirectory> {
    // On Linux an open directory lends a short name to everything in it.
    return new SocketDirectory(path, process.platform === 'linux' ? await open(path, 'r') : null)
  }

  address(name: string): string {
    return this.#handle === null ? join(this.path, name) : `/proc/self/fd/${this.#handle.fd}/${name}`
  }

  async close(): Promise<void> {
    await this.#handle?.close()
  }
}

async function claim(directory: SocketDirectory): Promise<DirectoryLock> {
  const stem = `lock-${randomBytes(8).toString('hex')}`
  const final = join(directory.path, `${stem}.sock`)
  const server = await listen(directory.address(`${stem}.new`)).catch((error: unknown) => {
    // Some network and shared file systems have no sockets.
    const unsupported = errorCode(error) === 'EPERM' || errorCode(error) === 'EOPNOTSUPP'
    throw unsupported
      ? Object.assign(new Error(`ENOTSUP: no sockets in ${directory.path}`), { code: 'ENOTSUP' })
      : error
  })
  try {
    await rename(join(directory.path, `${stem}.new`), final)
    for (const name of await readdir(directory.path)) {
      if (name === `${stem}.sock` || !CLAIM.test(name)) continue
      if (await isAlive(directory.address(name))) throw busy(directory.path)
      await unlink(join(directory.path, name)).catch(() => {})
    }
    // Whoever is between `listen` and `rename` will find its socket gone, and us holding the directory.
    for (const name of await readdir(directory.path)) {
      if (UNBORN.test(name)) await unlink(join(directory.path, name)).catch(() => {})
    }
  } catch (error) {
    await unlink(final).catch(() => {})
    await close(server)
    throw errorCode(error) === 'ENOENT' ? busy(directory.path) : error
  }
  return {
    async release() {
      await unlink(final).catch(() => {})
      await close(server)
    },
  }
}

/** Windows has no such sockets, but pipes whose name only one process can own. */
async function claimPipe(path: string): Promise<DirectoryLock> {
  const name = Buffer.from((await realpath(path)).toLowerCase())
    .toString('base64url')
    .slice(-200)
  const server = await listen(`\\\\.\\pipe\\vivarium-${name}`).catch((error: unknown) => {
    throw errorCode(error) === 'EADDRINUSE' ? busy(path) : error
  })
  return { release: () => close(server) }
}

/** See `Disk.lock`. */
export async function lockDirectory(path: string): Promise<DirectoryLock> {
  if (process.platform === 'win32') return claimPipe(path)
  const directory = await SocketDirectory.open(path)
  try {
    return await claim(directory)
  } finally {
    await directory.close()
  }
}
