import type { Watcher } from './watcher.ts'

/** How a path is watched. The values are flags: a connection may watch one path in several ways (WatchStats). */
export const WatchMode = {
  /** Used up by the first event. */
  STANDARD: 1,
  /** Stays. */
  PERSISTENT: 2,
  /** Stays, and is told of everything below as well. */
  PERSISTENT_RECURSIVE: 4,
} as const
export type WatchMode = (typeof WatchMode)[keyof typeof WatchMode]

/** All the modes. */
export const ANY_MODE = 7

/** What one connection watches, in both tables. */
export class WatchSet {
  readonly watcher: Watcher
  /** For each path, the modes of the data table in bits 0 to 2 and those of the child table in bits 3 to 5. */
  readonly modes: Map<string, number>
  /** How many of these paths are in the data table. */
  dataPaths: number
  /** How many of them are in the child table. */
  childPaths: number
  /** The last change that this connection was found to be told of: it is told once, however many watches match. */
  lastChange: number
  /** The connection is gone: whatever it asked for last watches nothing. */
  closed: boolean

  constructor(watcher: Watcher) {
    this.watcher = watcher
    this.modes = new Map()
    this.dataPaths = 0
    this.childPaths = 0
    this.lastChange = 0
    this.closed = false
  }
}
