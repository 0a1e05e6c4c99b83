import { dirname } from 'node:path'
import type { Disk } from '@vivarium/env'

/**
 * Writes a file under another name first, so that a crash leaves the old one or the new one (AtomicFileWritingIdiom).
 *
 * @param like the file whose permissions it gets; by default its own stay
 * @throws {DiskError}
 */
export async function replaceFile(disk: Disk, path: string, text: string, like: string = path): Promise<void> {
  const file = await disk.open(`${path}.tmp`, 'create', like)
  try {
    await file.writeAt(Buffer.from(text), 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(`${path}.tmp`, path)
  await disk.syncDirectory(dirname(path))
}
