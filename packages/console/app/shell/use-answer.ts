import { useEffect, useState } from 'preact/hooks'
import { account } from '../api/account.ts'
import { ApiError, get, type Query } from '../api/http.ts'

export interface Answer<Value> {
  /** What was answered last; null before that. */
  readonly value: Value | null
  /** What went wrong last; null if nothing. */
  readonly problem: ApiError | null
  /** When the value was answered. */
  readonly atMs: number
}

interface Options {
  readonly query?: Query
  /** Ask again after so many milliseconds, as long as somebody looks; otherwise once. */
  readonly everyMs?: number
  /** Ask again when this is another. */
  readonly revision?: string
}

const NOTHING = { value: null, problem: null, atMs: 0 }
/** Who is told that too many ask at once asks again. */
const BUSY_MS = 1000

/** Asks the API while what calls this is shown. A null path asks for nothing. */
export function useAnswer<Value>(path: string | null, { query = {}, everyMs, revision }: Options = {}): Answer<Value> {
  const [answer, setAnswer] = useState<Answer<Value>>(NOTHING)
  const who = account.value
  const asked = JSON.stringify(query)
  useEffect(() => {
    setAnswer(NOTHING)
  }, [path, asked, who])
  useEffect(() => {
    if (path === null) return
    const ended = new AbortController()
    let waiting: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      if (!document.hidden) {
        try {
          const value = await get<Value>(path, query, ended.signal)
          setAnswer({ value, problem: null, atMs: Date.now() })
        } catch (error) {
          if (ended.signal.aborted) return
          const problem = error instanceof ApiError ? error : new ApiError(0, 'Unexpected', String(error))
          if (problem.status === 429) {
            waiting = setTimeout(() => void ask(), BUSY_MS)
            return
          }
          setAnswer((before) => ({ ...before, problem }))
        }
      }
      if (everyMs !== undefined && !ended.signal.aborted) waiting = setTimeout(() => void ask(), everyMs)
    }
    void ask()
    return () => {
      ended.abort()
      clearTimeout(waiting)
    }
  }, [path, asked, everyMs, revision, who])
  return answer
}
