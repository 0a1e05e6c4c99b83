import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { account } from '../api/account.ts'
import { messageOf } from '../api/http.ts'
import { nameOf, parentOf, pathProblem } from '../api/paths.ts'
import { count } from '../shell/format.ts'
import { Problem } from '../shell/problem.tsx'
import { go, route, znodeAddress } from '../shell/route.ts'
import { allBut, type Visited, walk } from '../tree/walk.ts'
import { kindOf } from '../znode/node-kind.ts'

/** Looked at before it is asked whether to go on; and found, at most, in one go. */
const PORTION = 5000
const MOST_FOUND = 200
const SHOW_EVERY = 200

interface Found {
  readonly hits: readonly Visited[]
  readonly looked: number
  /** How many have children that may not be read. */
  readonly hidden: number
  readonly state: 'waiting' | 'looking' | 'paused' | 'done' | 'failed'
  /** What has gone wrong. */
  readonly problem: string | null
}

const NOTHING: Found = { hits: [], looked: 0, hidden: 0, state: 'waiting', problem: null }

/** Finds znodes by name, level by level below a znode, a portion at a time: no search walks a whole tree unasked. */
export function SearchPage(): JSX.Element {
  const { q = '', root = '/' } = route.value.parameters
  const [text, setText] = useState(q)
  const [from, setFrom] = useState(root)
  const input = useRef<HTMLInputElement>(null)
  const [turn, setTurn] = useState(0)
  const [found, goOn] = useSearch(q, root, turn)
  const wrong = pathProblem(from)
  useEffect(() => input.current?.focus(), [])
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (wrong !== null) return
    go('search', { q: text, root: from }, true)
    setTurn(turn + 1)
  }
  return (
    <div class="sheet">
      <form class="bar" role="search" onSubmit={submit}>
        <label class="field">
          Name has
          <input
            ref={input}
            type="search"
            name="q"
            maxLength={1000}
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          Below
          <input
            name="root"
            maxLength={10_000}
            spellcheck={false}
            value={from}
            onInput={(event) => setFrom(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary" disabled={wrong !== null}>
          Search
        </button>
      </form>
      <Problem text={wrong} />
      {q !== '' && (
        <>
          <Problem text={found.problem} />
          <p class="note" role="status">
            {told(found)}
          </p>
          <ul class="hits">
            {found.hits.map(({ path, stat }) => (
              <li key={path}>
                <a href={znodeAddress(path)}>
                  <bdi class="muted">{parentOf(path) === '/' ? '/' : `${parentOf(path)}/`}</bdi>
                  <bdi>{nameOf(path)}</bdi>
                </a>
                {stat !== undefined && kindOf(stat) !== 'persistent' && <span class="badge">{kindOf(stat)}</span>}
              </li>
            ))}
          </ul>
          {(found.state === 'paused' || found.state === 'failed') && (
            <button type="button" onClick={goOn}>
              {found.state === 'paused' ? 'Look further' : 'Try again'}
            </button>
          )}
        </>
      )}
    </div>
  )
}

function told({ hits, looked, hidden, state }: Found): string {
  const of = `${count(hits.length)} found among ${count(looked)} znodes`
  if (state === 'done') return `${of}: ${hidden === 0 ? 'that is all there are' : allBut(hidden)}.`
  return state === 'looking' || state === 'waiting' ? `${of} …` : `${of} so far.`
}

/** A search that runs in portions; another one begins when what is looked for is another, or with another turn. */
function useSearch(wanted: string, root: string, turn: number): readonly [Found, goOn: () => void] {
  const [found, setFound] = useState(NOTHING)
  const who = account.value
  const more = useRef<() => void>(() => {})
  useEffect(() => {
    setFound(NOTHING)
    if (wanted === '' || pathProblem(root) !== null) return
    const ended = new AbortController()
    const needle = wanted.toLowerCase()
    let hits: Visited[] = []
    let looked = 0
    let hidden = 0
    const begin = (): AsyncGenerator<Visited> => {
      hits = []
      looked = 0
      hidden = 0
      return walk(root, ended.signal, () => hidden++)
    }
    let visited = begin()
    const show = (state: Found['state'], problem: string | null = null): void => {
      if (!ended.signal.aborted) setFound({ hits: [...hits], looked, hidden, state, problem })
    }
    more.current = () => {
      const portion = async (): Promise<void> => {
        const most = looked + PORTION
        const mostHits = hits.length + MOST_FOUND
        while (looked < most && hits.length < mostHits) {
          const { value, done } = await visited.next()
          if (done === true) return show('done')
          looked++
          if (nameOf(value.path).toLowerCase().includes(needle)) hits.push(value)
          if (looked % SHOW_EVERY === 0) show('looking')
        }
        show('paused')
      }
      portion().catch((error: unknown) => {
        show('failed', messageOf(error))
        visited = begin()
      })
    }
    more.current()
    return () => ended.abort()
  }, [wanted, root, turn, who])
  return [found, () => more.current()]
}
