import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { account } from '../api/account.ts'
import { get } from '../api/http.ts'
import { pathProblem } from '../api/paths.ts'
import { count } from '../shell/format.ts'
import { Problem } from '../shell/problem.tsx'
import { go, route } from '../shell/route.ts'
import { walk } from '../tree/walk.ts'
import { RecipeCard } from './recipe-card.tsx'
import type { Recipe } from './types.ts'

/** Znodes that are looked at before it is asked whether to go on. */
const PORTION = 300
const AGAIN_MS = 3000

interface Found {
  readonly recipes: ReadonlyMap<string, Recipe>
  readonly looked: number
  readonly state: 'looking' | 'paused' | 'done'
}

const NOTHING: Found = { recipes: new Map(), looked: 0, state: 'looking' }

/** The locks, elections, groups and services below a znode: found level by level, then kept as they are. */
export function RecipesPage(): JSX.Element {
  const { root = '/' } = route.value.parameters
  const [from, setFrom] = useState(root)
  const [found, goOn] = useRecipes(root)
  const wrong = pathProblem(from)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (wrong === null) go('recipes', { root: from })
  }
  const all = [...found.recipes.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  return (
    <div class="sheet">
      <form class="bar" onSubmit={submit}>
        <label class="field">
          Recipes below
          <input
            name="root"
            maxLength={10_000}
            spellcheck={false}
            value={from}
            onInput={(event) => setFrom(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={wrong !== null}>
          Look
        </button>
      </form>
      <Problem text={wrong} />
      <p class="note" role="status">
        {count(all.length)} found, {count(found.looked)} znodes looked at
        {found.state === 'done' ? ': that is all there are.' : found.state === 'paused' ? ' so far.' : ' …'}
        {found.state === 'paused' && (
          <button type="button" onClick={goOn}>
            Look further
          </button>
        )}
      </p>
      <div class="cards">
        {all.map((recipe) => (
          <RecipeCard key={`${recipe.kind} ${recipe.path}`} recipe={recipe} />
        ))}
      </div>
    </div>
  )
}

/** What may not be read, or is gone, has none. */
const ask = (path: string, signal: AbortSignal): Promise<readonly Recipe[]> =>
  get<readonly Recipe[]>('api/v1/recipes', { path }, signal).catch(() => [])

const keyOf = ({ kind, path }: Recipe): string => `${kind} ${path}`

function useRecipes(root: string): readonly [Found, goOn: () => void] {
  const [found, setFound] = useState(NOTHING)
  const more = useRef<() => void>(() => {})
  const who = account.value
  useEffect(() => {
    setFound(NOTHING)
    if (pathProblem(root) !== null) return
    const ended = new AbortController()
    const { signal } = ended
    const visited = walk(root, signal)
    const recipes = new Map<string, Recipe>()
    let looked = 0
    const show = (state: Found['state']): void => {
      if (!signal.aborted) setFound({ recipes: new Map(recipes), looked, state })
    }
    const look = async (path: string): Promise<void> => {
      for (const recipe of await ask(path, signal)) recipes.set(keyOf(recipe), recipe)
    }
    const portion = async (): Promise<void> => {
      if (looked === 0) await look(root)
      for (const most = looked + PORTION; looked < most; ) {
        const { value, done } = await visited.next()
        if (done === true) return show('done')
        looked++
        if (value.stat === undefined || value.stat.numChildren > 0) {
          await look(value.path)
          show('looking')
        }
      }
      show('paused')
    }
    more.current = () => void portion().catch(() => {})
    more.current()
    const again = setInterval(() => {
      if (document.hidden) return
      for (const { path } of [...recipes.values()]) {
        void ask(path, signal).then((now) => {
          for (const recipe of now) recipes.set(keyOf(recipe), recipe)
          if (now.length > 0) setFound((before) => ({ ...before, recipes: new Map(recipes) }))
        })
      }
    }, AGAIN_MS)
    return () => {
      ended.abort()
      clearInterval(again)
    }
  }, [root, who])
  return [found, () => more.current()]
}
