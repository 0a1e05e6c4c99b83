import type { Disk, File, OpenMode } from '@vivarium/env'

/** A disk that does as another does, but for what `changes` replaces. */
export function wrapDisk(disk: Disk, changes: Partial<Disk>): Disk {
  return {
    open: (path, mode) => disk.open(path, mode),
    list: (path) => disk.list(path),
    stat: (path) => disk.stat(path),
    makeDirectory: (path) => disk.makeDirectory(path),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    syncDirectory: (path) => disk.syncDirectory(path),
    freeBytes: (path) => disk.freeBytes(path),
    lock: (path) => disk.lock(path),
    ...changes,
  }
}

/** A disk whose files do as others do, but for what `changes` replaces. */
export function wrapFiles(disk: Disk, changes: (file: File, mode: OpenMode) => Partial<File>): Disk {
  return wrapDisk(disk, {
    async open(path, mode) {
      const file = await disk.open(path, mode)
      return {
        path,
        write: (bytes, start, end, position, done) => file.write(bytes, start, end, position, done),
        writeAt: (bytes, position) => file.writeAt(bytes, position),
        read: (position, length) => file.read(position, length),
        readInto: (bytes, start, end, position) => file.readInto(bytes, start, end, position),
        sync: () => file.sync(),
        size: () => file.size(),
        truncate: (size) => file.truncate(size),
        close: () => file.close(),
        ...changes(file, mode),
      }
    },
  })
}
