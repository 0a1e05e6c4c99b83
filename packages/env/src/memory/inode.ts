import { SparseBytes } from './sparse-bytes.ts'

/** A change to a file's contents that no sync has covered yet. */
export type FileChange =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly size: number }

/** A change to a directory that no sync has covered yet; a rename binds two names in one step. */
export type DirectoryChange = readonly (readonly [name: string, inode: Inode | null])[]

export type Inode = FileInode | DirectoryInode

/** A file: what readers see, what is surely on the disk, and what may or may not be. */
export class FileInode {
  contents = new SparseBytes()
  durable = new SparseBytes()
  unsynced: FileChange[] = []
  modifiedMs = 0

  change(change: FileChange): void {
    applyToFile(this.contents, change)
    this.unsynced.push(change)
  }

  /**
   * A sync has covered these changes. Earlier ones that they lie over cannot come back, and a truncation that came
   * before is in the file's recorded length.
   */
  settle(changes: readonly FileChange[]): void {
    const settled = new Set(changes)
    const last = this.unsynced.findLastIndex((change) => settled.has(change))
    this.unsynced = this.unsynced.filter((change, index) => {
      const covered = settled.has(change) || (index < last && changes.some((later) => overlaps(change, later)))
      if (covered) applyToFile(this.durable, change)
      return !covered
    })
  }
}

export class DirectoryInode {
  readonly entries = new Map<string, Inode>()
  readonly durable = new Map<string, Inode>()
  unsynced: DirectoryChange[] = []
  modifiedMs = 0

  change(change: DirectoryChange): void {
    applyToDirectory(this.entries, change)
    this.unsynced.push(change)
  }

  settle(changes: readonly DirectoryChange[]): void {
    const settled = new Set(changes)
    for (const change of changes) applyToDirectory(this.durable, change)
    this.unsynced = this.unsynced.filter((change) => !settled.has(change))
  }
}

function overlaps(earlier: FileChange, later: FileChange): boolean {
  if (earlier.kind === 'truncate' || later.kind === 'truncate') return true
  const earlierEnd = earlier.position + earlier.bytes.length
  return earlier.position < later.position + later.bytes.length && later.position < earlierEnd
}

export function applyToFile(bytes: SparseBytes, change: FileChange): void {
  if (change.kind === 'truncate') bytes.truncate(change.size)
  else bytes.write(change.position, change.bytes)
}

export function applyToDirectory(entries: Map<string, Inode>, change: DirectoryChange): void {
  for (const [name, inode] of change) {
    if (inode === null) entries.delete(name)
    else entries.set(name, inode)
  }
}
