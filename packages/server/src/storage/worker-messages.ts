import type { MessagePort } from 'node:worker_threads'
import type { SharedTree } from '@vivarium/core'
import type { SnapshotEnd } from './snapshot-format.ts'
import type { SnapshotJob, WrittenSnapshot } from './snapshot-writer.ts'

/** To the worker: begin. `chunks` carries memory that is added to the tree meanwhile. */
export interface BeginMessage {
  readonly type: 'begin'
  readonly job: SnapshotJob
  readonly prelude: Uint8Array
  readonly shared: SharedTree
  readonly chunks: MessagePort
}

/** To the worker: the answer to `end?`. */
export interface EndMessage {
  readonly type: 'end'
  readonly end: SnapshotEnd
}

export type MessageToWorker = BeginMessage | EndMessage

export type MessageFromWorker =
  /** The last znode has been written: how is the tree now? */
  | { readonly type: 'end?' }
  | { readonly type: 'written'; readonly snapshot: WrittenSnapshot }
  | { readonly type: 'failed'; readonly message: string; readonly code: string | undefined }
