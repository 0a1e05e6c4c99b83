import { useEffect, useState } from 'preact/hooks'
import { account } from '../api/account.ts'
import { ApiError } from '../api/http.ts'
import type { Acl, AclEntry, Znode } from '../api/types.ts'
import { readAcl, readZnode } from '../api/znodes.ts'
import { tree } from '../tree/live-tree.ts'

/** However often a znode changes, it is read no more often than this; and less and less often where that does not end. */
const SETTLE_MS = 250
const LONGEST_MS = 1000

export interface ZnodeState {
  /** Null until it has been read, and if it cannot be. */
  readonly znode: Znode | null
  /** Null where the caller may not read it, or it has not been read yet. */
  readonly acl: readonly AclEntry[] | null
  readonly problem: ApiError | null
  /** How many changes were seen since the page was opened. */
  readonly changes: number
}

const EMPTY: ZnodeState = { znode: null, acl: null, problem: null, changes: 0 }

/** A znode, read again as often as it changes. */
export function useZnode(path: string): readonly [ZnodeState, refresh: () => void] {
  const [state, setState] = useState(EMPTY)
  const [turn, setTurn] = useState(0)
  const who = account.value

  useEffect(() => {
    const ended = new AbortController()
    let settling: ReturnType<typeof setTimeout> | undefined
    let pauseMs = SETTLE_MS
    let readAtMs = Number.NEGATIVE_INFINITY
    let known: Acl | null = null
    /** What is shown is what this caller was told. */
    let hasRead = false
    const read = async (): Promise<void> => {
      const [znode, acl] = await Promise.allSettled([
        readZnode(path, ended.signal),
        known ?? readAcl(path, ended.signal),
      ])
      if (ended.signal.aborted) return
      if (known !== null && (znode.status === 'rejected' || !isListOf(known, znode.value))) {
        known = null
        return await read()
      }
      known = acl.status === 'fulfilled' ? acl.value : null
      if (znode.status === 'rejected' && hasRead && !isAnswer(znode.reason)) {
        return setState((before) => ({ ...before, problem: toApiError(znode.reason) }))
      }
      hasRead = true
      setState((before) => ({
        znode: znode.status === 'fulfilled' ? znode.value : null,
        acl: acl.status === 'fulfilled' ? acl.value.acl : null,
        problem: znode.status === 'fulfilled' ? null : toApiError(znode.reason),
        changes: before.changes + (isOther(before.znode, znode.status === 'fulfilled' ? znode.value : null) ? 1 : 0),
      }))
    }
    void read()
    const unwatch = tree.watch(path, () => {
      if (settling !== undefined) return
      const goesOn = performance.now() - readAtMs < pauseMs
      pauseMs = goesOn ? Math.min(2 * pauseMs, LONGEST_MS) : SETTLE_MS
      settling = setTimeout(() => {
        settling = undefined
        readAtMs = performance.now()
        void read()
      }, pauseMs)
    })
    return () => {
      ended.abort()
      clearTimeout(settling)
      unwatch()
    }
  }, [path, turn, who])

  return [state, () => setTurn((before) => before + 1)]
}

/** Whether it is the servers that say so: where they cannot be asked, what they said last stays to be seen. */
const isAnswer = (reason: unknown): boolean =>
  reason instanceof ApiError && (reason.code === 'NoNode' || reason.code === 'NoAuth')

/** Whether the znode has this list still. */
const isListOf = ({ stat: read }: Acl, { stat }: Znode): boolean =>
  read.czxid === stat.czxid && read.aversion === stat.aversion

const isOther = (before: Znode | null, now: Znode | null): boolean =>
  before !== null && before.stat.mzxid !== now?.stat.mzxid

const toApiError = (reason: unknown): ApiError =>
  reason instanceof ApiError ? reason : new ApiError(0, 'Unexpected', String(reason))
