import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { nameOf, parentOf, pathProblem } from '../api/paths.ts'
import { count } from '../shell/format.ts'
import { Problem } from '../shell/problem.tsx'
import { go, route, znodeAddress } from '../shell/route.ts'
import { type Visited, walk } from '../tree/walk.ts'
import { kindOf } from '../znode/node-kind.ts'

/** Looked at before it is asked whether to go on; and found, at most, in one go. */
const PORTION = 5000
const MOST_FOUND = 200
const SHOW_EVERY = 200

interface Found {
  readonly hits: readonly Visited[]
  readonly looked: number
  readonly state: 'waiting' | 'looking' | 'paused' | 'done'
}

const NOTHING: Found = { hits: [], looked: 0, state: 'waiting' }

/** Finds znodes by name, level by level below a znode, a portion at a time: no search walks a whole tree unasked. */
export function SearchPage(): JSX.Element {
  const { q = '', root = '/' } = route.value.parameters
  const [text, setText] = useState(q)
  const [from, setFrom] = useState(root)
  const input = useRef<HTMLInputElement>(null)
  const [found, goOn] = useSearch(q, root)
  const wrong = pathProblem(from)
  useEffect(() => input.current?.focus(), [])
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (wrong === null) go('search', { q: text, root: from }, true)
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
          {found.state === 'paused' && (
            <button type="button" onClick={goOn}>
              Look further
            </button>
          )}
        </>
      )}
    </div>
  )
}

function told({ hits, looked, state }: Found): string {
  const of = `${count(hits.length)} found among ${count(looked)} znodes`
  if (state === 'done') return `${of}: that is all there are.`
  return state === 'paused' ? `${of} so far.` : `${of} …`
}

/** A search that runs in portions; another one begins when what is looked for is another. */
function useSearch(wanted: string, root: string): readonly [Found, goOn: () => void] {
  const [found, setFound] = useState(NOTHING)
  const more = useRef<() => void>(() => {})
  useEffect(() => {
    setFound(NOTHING)
    if (wanted === '' || pathProblem(root) !== null) return
    const ended = new AbortController()
    const visited = walk(root, ended.signal)
    const needle = wanted.toLowerCase()
    const hits: Visited[] = []
    let looked = 0
    more.current = () => {
      const portion = async (): Promise<void> => {
        const most = looked + PORTION
        const mostHits = hits.length + MOST_FOUND
        while (looked < most && hits.length < mostHits) {
          const { value, done } = await visited.next()
          if (done === true) return setFound({ hits: [...hits], looked, state: 'done' })
          looked++
          if (nameOf(value.path).toLowerCase().includes(needle)) hits.push(value)
          if (looked % SHOW_EVERY === 0) setFound({ hits: [...hits], looked, state: 'looking' })
        }
        setFound({ hits: [...hits], looked, state: 'paused' })
      }
      portion().catch(() => {})
    }
    more.current()
    return () => ended.abort()
  }, [wanted, root])
  return [found, () => more.current()]
}
