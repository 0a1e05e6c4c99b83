import { zxidText } from '../schemas/texts.ts'
import type { Change } from './change.ts'

/** Why a stream may have missed something, so that whoever keeps a copy reads it anew. */
export type GapReason =
  /** The connection to the servers was lost for a while, and there was too much to be read again. */
  | 'reconnected'
  /** What came was more than is kept. */
  | 'overflow'
  /** The stream goes on from where nobody remembers what came since. */
  | 'unknown-id'

/** One server-sent event. Nothing in `data` ends a line: JSON has none. */
export function eventText(event: string, data: object, id: string | null): Buffer {
  return Buffer.from(`${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}

export function changeText({ type, path, zxid, caughtUp }: Change, id: string): Buffer {
  const data = { type, path, zxid: zxid === null ? null : zxidText(zxid), ...(caughtUp && { caughtUp }) }
  return eventText(type, data, id)
}

export const gapText = (path: string, reason: GapReason, id: string | null): Buffer =>
  eventText('gap', { path, reason }, id)
