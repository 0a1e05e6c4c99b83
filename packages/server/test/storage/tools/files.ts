import type { MemoryDisk } from '@vivarium/env/memory'
import { LOG_DIRECTORY, newDisk } from '../fixtures.ts'
import { SmallServer } from '../small-server.ts'

export const at = (name: string): string => `${LOG_DIRECTORY}/${name}`

export async function contents(disk: MemoryDisk, path: string): Promise<Buffer> {
  const file = await disk.open(path, 'read')
  const bytes = Buffer.from(await file.read(0, await file.size()))
  await file.close()
  return bytes
}

/** Changes the bytes of a file. */
export async function change(
  disk: MemoryDisk,
  path: string,
  alter: (bytes: Buffer) => Buffer | undefined,
): Promise<void> {
  const bytes = await contents(disk, path)
  disk.place(path, alter(bytes) ?? bytes)
}

/** A directory with `snapshot.0`, `log.1` of 20 transactions, `snapshot.14`, and `log.15` of another 20. */
export async function twoLogs(): Promise<MemoryDisk> {
  const disk = await newDisk()
  const server = await SmallServer.start(disk)
  await server.takeSnapshot()
  await write(server, 'a')
  await server.takeSnapshot()
  await write(server, 'b')
  return disk
}

/** Twenty znodes, in two writes. */
async function write(server: SmallServer, name: string): Promise<void> {
  for (let index = 0; index < 20; index++) {
    server.create(`/${name}${index}`, `data of ${name}${index}`)
    if (index % 10 === 9) await server.flush()
  }
}
