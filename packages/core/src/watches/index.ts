export { setWatches, type WatchedTree, type WatchLists } from './set-watches.ts'
export { WatchManager, type WatchObserver } from './watch-manager.ts'
export {
  type WatchSummary,
  watchesByPath,
  watchesBySession,
  watchSummary,
} from './watch-report.ts'
export { WatchMode, WatchSet } from './watch-set.ts'
export { WatchTable } from './watch-table.ts'
export { WatchEvent, type Watcher } from './watcher.ts'
